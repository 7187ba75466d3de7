//! SELECT: its clauses, its list.

use datafusion::sql::sqlparser::ast::{
    Distinct, GroupByExpr, Join, JoinConstraint, JoinOperator, Select, SelectFlavor, SelectItem,
    SelectItemQualifiedWildcardKind, TableWithJoins, WildcardAdditionalOptions,
};
use lakeport_base::SqlState;

use crate::check::{refuse, refuse_foreign};
use crate::error::{Error, Result};

pub(super) fn check(select: &mut Select) -> Result<()> {
    let Select {
        select_token: _,
        // Comments.
        optimizer_hints: _,
        distinct,
        select_modifiers,
        top,
        top_before_distinct: _,
        projection,
        exclude,
        into,
        from,
        lateral_views,
        prewhere,
        selection: _,
        connect_by,
        group_by,
        cluster_by,
        distribute_by,
        sort_by,
        having: _,
        named_window: _,
        qualify,
        window_before_qualify: _,
        value_table_mode,
        flavor,
    } = select;
    match distinct {
        None | Some(Distinct::All | Distinct::Distinct | Distinct::On(_)) => {}
    }
    if into.is_some() {
        let message = "cannot execute SELECT INTO in a read-only transaction";
        return Err(
            Error::new(SqlState::READ_ONLY_SQL_TRANSACTION, message).with_hint("This is a read-only lake.")
        );
    }
    let foreign = [
        (select_modifiers.is_some(), "a MySQL modifier of SELECT"),
        (top.is_some(), "TOP"),
        (exclude.is_some(), "EXCLUDE"),
        (!lateral_views.is_empty(), "LATERAL VIEW"),
        (prewhere.is_some(), "PREWHERE"),
        (!connect_by.is_empty(), "CONNECT BY"),
        (!cluster_by.is_empty(), "CLUSTER BY"),
        (!distribute_by.is_empty(), "DISTRIBUTE BY"),
        (!sort_by.is_empty(), "SORT BY"),
        (qualify.is_some(), "QUALIFY"),
        (value_table_mode.is_some(), "AS STRUCT or AS VALUE"),
        (*flavor != SelectFlavor::Standard, "FROM in front of SELECT"),
    ];
    for (is_there, clause) in foreign {
        refuse_foreign(is_there, clause)?;
    }
    match group_by {
        GroupByExpr::All(_) => refuse_foreign(true, "GROUP BY ALL")?,
        GroupByExpr::Expressions(_, modifiers) => {
            refuse_foreign(!modifiers.is_empty(), "WITH behind GROUP BY")?
        }
    }
    projection.iter().try_for_each(check_item)?;
    from.iter_mut().try_for_each(check_joins)
}

fn check_item(item: &SelectItem) -> Result<()> {
    match item {
        SelectItem::UnnamedExpr(_) | SelectItem::ExprWithAlias { expr: _, alias: _ } => Ok(()),
        SelectItem::ExprWithAliases { expr: _, aliases: _ } => {
            refuse_foreign(true, "several aliases of one column")
        }
        SelectItem::QualifiedWildcard(kind, options) => {
            match kind {
                SelectItemQualifiedWildcardKind::ObjectName(_) => {}
                SelectItemQualifiedWildcardKind::Expr(_) => refuse(true, "all fields of a value, (x).*,")?,
            }
            check_wildcard(options)
        }
        SelectItem::Wildcard(options) => check_wildcard(options),
    }
}

fn check_wildcard(options: &WildcardAdditionalOptions) -> Result<()> {
    let WildcardAdditionalOptions {
        wildcard_token: _,
        opt_ilike,
        opt_exclude,
        opt_except,
        opt_replace,
        opt_rename,
        opt_alias,
    } = options;
    let is_there = opt_ilike.is_some()
        || opt_exclude.is_some()
        || opt_except.is_some()
        || opt_replace.is_some()
        || opt_rename.is_some()
        || opt_alias.is_some();
    refuse_foreign(is_there, "anything behind *")
}

/// Checks the joins of one FROM item.
pub(super) fn check_joins(item: &mut TableWithJoins) -> Result<()> {
    // The relation is visited on its own.
    let TableWithJoins { relation: _, joins } = item;
    for Join { relation: _, global, join_operator } in joins {
        refuse_foreign(*global, "GLOBAL JOIN")?;
        match join_operator {
            JoinOperator::Join(constraint)
            | JoinOperator::Inner(constraint)
            | JoinOperator::Left(constraint)
            | JoinOperator::LeftOuter(constraint)
            | JoinOperator::Right(constraint)
            | JoinOperator::RightOuter(constraint)
            | JoinOperator::FullOuter(constraint) => check_constraint(constraint)?,
            JoinOperator::CrossJoin(constraint) => {
                refuse_foreign(!matches!(constraint, JoinConstraint::None), "ON or USING behind CROSS JOIN")?;
            }
            JoinOperator::Semi(_)
            | JoinOperator::LeftSemi(_)
            | JoinOperator::RightSemi(_)
            | JoinOperator::Anti(_)
            | JoinOperator::LeftAnti(_)
            | JoinOperator::RightAnti(_)
            | JoinOperator::CrossApply
            | JoinOperator::OuterApply
            | JoinOperator::AsOf { match_condition: _, constraint: _ }
            | JoinOperator::StraightJoin(_)
            | JoinOperator::ArrayJoin
            | JoinOperator::LeftArrayJoin
            | JoinOperator::InnerArrayJoin => refuse_foreign(true, "this kind of join")?,
        }
    }
    Ok(())
}

fn check_constraint(constraint: &JoinConstraint) -> Result<()> {
    match constraint {
        JoinConstraint::On(_) | JoinConstraint::Natural => Ok(()),
        JoinConstraint::Using(names) => {
            refuse_foreign(names.iter().any(|name| name.0.len() != 1), "a qualified name in USING")
        }
        JoinConstraint::None => Err(Error::new(SqlState::SYNTAX_ERROR, "a join needs ON or USING")),
    }
}
