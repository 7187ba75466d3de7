//! Calls: functions, aggregates, windows.

use datafusion::sql::sqlparser::ast::{
    DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgOperator,
    FunctionArgumentClause, FunctionArgumentList, FunctionArguments, Ident, NamedWindowDefinition,
    NamedWindowExpr, ObjectName, ObjectNamePart, OrderByExpr, OrderByOptions, WindowSpec, WindowType,
};
use lakeport_base::SqlState;

use crate::error::{Error, Result};
use crate::resolve::barred::Barred;
use crate::resolve::{Resolver, exact, folded, relations};

/// One definition of a WINDOW clause, not resolved yet.
#[derive(Debug, Clone)]
pub(super) struct Window {
    name: String,
    spec: WindowSpec,
}

/// Keywords that are functions without parentheses, and cannot be column names.
const KEYWORDS: &[&str] = &[
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "localtime",
    "localtimestamp",
    "session_user",
    "user",
];

/// The function that a bare word stands for, if it is one of those keywords.
pub(super) fn keyword(ident: &Ident) -> Option<&'static str> {
    if ident.quote_style.is_some() {
        return None;
    }
    KEYWORDS.iter().copied().find(|keyword| ident.value.eq_ignore_ascii_case(keyword))
}

/// A call of a function by its exact name.
pub(super) fn call(name: &str, args: Vec<Expr>) -> Expr {
    Expr::Function(Function {
        name: ObjectName(vec![ObjectNamePart::Identifier(exact(name))]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList {
            duplicate_treatment: None,
            args: args.into_iter().map(|arg| FunctionArg::Unnamed(FunctionArgExpr::Expr(arg))).collect(),
            clauses: Vec::new(),
        }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: Vec::new(),
    })
}

/// The definitions of a WINDOW clause.
pub(super) fn windows(definitions: Vec<NamedWindowDefinition>) -> Vec<Window> {
    definitions
        .into_iter()
        .map(|NamedWindowDefinition(name, definition)| {
            let spec = match definition {
                NamedWindowExpr::WindowSpec(spec) => spec,
                NamedWindowExpr::NamedWindow(base) => WindowSpec {
                    window_name: Some(base),
                    partition_by: Vec::new(),
                    order_by: Vec::new(),
                    window_frame: None,
                },
            };
            Window { name: folded(&name), spec }
        })
        .collect()
}

/// PostgreSQL finds distinct values by sorting them, and collects them as they are sorted.
fn sorted_where_distinct(name: &ObjectName, list: &mut FunctionArgumentList) {
    const COLLECTING: [&str; 4] = ["array_agg", "json_agg", "jsonb_agg", "string_agg"];
    let is_collecting = relations::parts(name).pop().is_some_and(|name| COLLECTING.contains(&name.as_str()));
    let is_distinct = list.duplicate_treatment == Some(DuplicateTreatment::Distinct);
    let is_sorted = list.clauses.iter().any(|clause| matches!(clause, FunctionArgumentClause::OrderBy(_)));
    if let (true, true, false, Some(FunctionArg::Unnamed(FunctionArgExpr::Expr(value)))) =
        (is_collecting, is_distinct, is_sorted, list.args.first())
    {
        let item = OrderByExpr { expr: value.clone(), options: OrderByOptions::default(), with_fill: None };
        list.clauses.push(FunctionArgumentClause::OrderBy(vec![item]));
    }
}

impl Resolver<'_> {
    /// Resolves a call.
    pub(super) fn function(&mut self, function: &mut Function) -> Result<()> {
        let mut within = self.barred;
        if !matches!(function.args, FunctionArguments::Subquery(_)) {
            let written = function.clone();
            let name = self.function_name(&mut function.name)?;
            within = self.barred_within(&written, &name)?;
        }
        match &mut function.args {
            FunctionArguments::List(list) => self.where_barred(within, |this| this.arguments(list))?,
            none @ FunctionArguments::None => {
                *none = FunctionArguments::List(FunctionArgumentList {
                    duplicate_treatment: None,
                    args: Vec::new(),
                    clauses: Vec::new(),
                });
            }
            // ARRAY(SELECT …), the only one that `check` lets through.
            FunctionArguments::Subquery(query) => self.subquery(query).map(drop)?,
        }
        if let FunctionArguments::List(list) = &mut function.args {
            sorted_where_distinct(&function.name, list);
        }
        if let Some(filter) = &mut function.filter {
            self.where_barred(Barred::in_clause("FILTER"), |this| this.expr(filter))?;
        }
        for item in &mut function.within_group {
            self.where_barred(within, |this| this.expr(&mut item.expr))?;
        }
        if let Some(over) = &mut function.over {
            let mut spec = match over {
                WindowType::NamedWindow(name) => self.window(name, 0)?,
                WindowType::WindowSpec(spec) => self.based(spec.clone(), 0)?,
            };
            self.where_barred(self.barred.windows_in("window definitions"), |this| {
                spec.partition_by.iter_mut().try_for_each(|expr| this.expr(expr))?;
                spec.order_by.iter_mut().try_for_each(|item| this.expr(&mut item.expr))
            })?;
            *over = WindowType::WindowSpec(spec);
        }
        Ok(())
    }

    fn arguments(&mut self, list: &mut FunctionArgumentList) -> Result<()> {
        for arg in &mut list.args {
            match arg {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => self.expr(expr)?,
                FunctionArg::Unnamed(FunctionArgExpr::Wildcard) => {}
                FunctionArg::Unnamed(FunctionArgExpr::QualifiedWildcard(name)) => {
                    let qualifier: Vec<Ident> =
                        name.0.iter().filter_map(|part| part.as_ident().cloned()).collect();
                    *arg = FunctionArg::Unnamed(FunctionArgExpr::Expr(self.row_of(&qualifier)?));
                }
                FunctionArg::ExprNamed {
                    name: Expr::Identifier(name),
                    arg: FunctionArgExpr::Expr(expr),
                    operator: FunctionArgOperator::RightArrow | FunctionArgOperator::Assignment,
                } => {
                    self.expr(expr)?;
                    *arg = FunctionArg::Named {
                        name: Ident::new(folded(name)),
                        arg: FunctionArgExpr::Expr(expr.clone()),
                        operator: FunctionArgOperator::RightArrow,
                    };
                }
                FunctionArg::Named { name, arg: FunctionArgExpr::Expr(expr), .. } => {
                    *name = Ident::new(folded(name));
                    self.expr(expr)?;
                }
                _ => return Err(Error::unsupported("this kind of argument is not supported")),
            }
        }
        for clause in &mut list.clauses {
            if let FunctionArgumentClause::OrderBy(items) = clause {
                items.iter_mut().try_for_each(|item| self.expr(&mut item.expr))?;
            }
        }
        Ok(())
    }

    /// Reduces a function's name to its last part, which is all that DataFusion knows.
    pub(super) fn function_name(&mut self, name: &mut ObjectName) -> Result<String> {
        let mut parts = relations::parts(name);
        let position = name.0.first().and_then(|part| part.as_ident()).and_then(|ident| self.position(ident));
        let function = parts.pop().unwrap_or_default();
        let is_known = |schema: &String| match schema.as_str() {
            "pg_catalog" => !function.starts_with("_pg_"),
            // What its views are made with, and some clients' queries too.
            "information_schema" => function.starts_with("_pg_"),
            _ => false,
        };
        if parts.len() > 1 || !parts.iter().all(is_known) {
            let message = format!("function {}.{function} does not exist", parts.join("."));
            let error = Error::new(SqlState::UNDEFINED_FUNCTION, message);
            return Err(match position {
                Some(position) => error.at(position),
                None => error,
            });
        }
        if !self.names.has_function(&function) {
            self.unknown_functions.entry(function.clone()).or_insert(position);
        }
        *name = ObjectName(vec![ObjectNamePart::Identifier(exact(&function))]);
        Ok(function)
    }

    /// The call that a keyword stands for.
    pub(super) fn keyword_call(&mut self, keyword: &str, ident: &Ident) -> Result<Expr> {
        if !self.names.has_function(keyword) {
            let position = self.position(ident);
            self.unknown_functions.entry(keyword.to_owned()).or_insert(position);
        }
        Ok(call(keyword, Vec::new()))
    }

    /// The window of a name. `depth` counts the definitions that led here: each is one of the
    /// clause, so more than there are go round in a circle.
    fn window(&self, name: &Ident, depth: usize) -> Result<WindowSpec> {
        let wanted = folded(name);
        let definitions = self.windows.last().map_or(&[][..], Vec::as_slice);
        match definitions.iter().find(|window| window.name == wanted) {
            Some(window) if depth <= definitions.len() => self.based(window.spec.clone(), depth + 1),
            _ => {
                let message = format!("window \"{wanted}\" does not exist");
                Err(self.placed(Error::new(SqlState::UNDEFINED_OBJECT, message), name))
            }
        }
    }

    /// A window that may build on another: `(w ORDER BY x)`.
    fn based(&self, mut spec: WindowSpec, depth: usize) -> Result<WindowSpec> {
        let Some(name) = spec.window_name.take() else { return Ok(spec) };
        let base = self.window(&name, depth)?;
        let refused = |what: &str| {
            let message = format!("cannot override {what} of window \"{}\"", folded(&name));
            Err(self.placed(Error::new(SqlState::INVALID_COLUMN_REFERENCE, message), &name))
        };
        if !spec.partition_by.is_empty() {
            return refused("PARTITION BY clause");
        }
        if !spec.order_by.is_empty() && !base.order_by.is_empty() {
            return refused("ORDER BY clause");
        }
        spec.partition_by = base.partition_by;
        if spec.order_by.is_empty() {
            spec.order_by = base.order_by;
        }
        spec.window_frame = spec.window_frame.or(base.window_frame);
        Ok(spec)
    }
}
