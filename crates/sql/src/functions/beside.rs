//! DataFusion's functions of texts, with PostgreSQL's overloads for other types beside them.
//!
//! What DataFusion has is quick, so it stays; what it lacks (bytes, patterns) is ours.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::Result;
use datafusion::functions::{string, unicode};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult};
use datafusion::logical_expr::type_coercion::functions::fields_with_udf;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use super::{bytea, regex};

/// The functions with overloads beside DataFusion's.
pub(super) fn functions() -> Vec<Arc<ScalarUDF>> {
    let length = vec![(first_is_bytes as Picks, bytea::LENGTH.function())];
    let octets = vec![(first_is_bytes as Picks, bytea::LENGTH.function())];
    vec![beside(unicode::character_length(), length), beside(string::octet_length(), octets), substring()]
}

/// `substring`: by places, of texts and bytes; by a pattern.
fn substring() -> Arc<ScalarUDF> {
    let others = vec![
        (first_is_bytes as Picks, bytea::SUBSTRING.function()),
        (second_is_text as Picks, regex::regex_substring()),
    ];
    beside(unicode::substr(), others)
}

/// Plans `substring(… from …)`.
#[derive(Debug)]
pub(super) struct SubstringPlanner;

impl ExprPlanner for SubstringPlanner {
    fn plan_substring(&self, args: Vec<Expr>) -> Result<PlannerResult<Vec<Expr>>> {
        Ok(PlannerResult::Planned(Expr::ScalarFunction(ScalarFunction::new_udf(substring(), args))))
    }
}

/// Whether arguments of these types are for an overload of ours.
type Picks = fn(&[DataType]) -> bool;

fn first_is_bytes(types: &[DataType]) -> bool {
    types
        .first()
        .is_some_and(|first| matches!(first, DataType::Binary | DataType::LargeBinary | DataType::BinaryView))
}

fn second_is_text(types: &[DataType]) -> bool {
    let is_text =
        |given: &DataType| matches!(given, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View);
    types.len() == 2 && types.get(1).is_some_and(is_text)
}

fn beside(inner: Arc<ScalarUDF>, others: Vec<(Picks, Arc<ScalarUDF>)>) -> Arc<ScalarUDF> {
    let signature = Signature::user_defined(Volatility::Immutable);
    Arc::new(ScalarUDF::new_from_impl(Beside { inner, others, signature }))
}

#[derive(Debug)]
struct Beside {
    inner: Arc<ScalarUDF>,
    others: Vec<(Picks, Arc<ScalarUDF>)>,
    signature: Signature,
}

impl PartialEq for Beside {
    fn eq(&self, other: &Self) -> bool {
        self.inner == other.inner
    }
}

impl Eq for Beside {}

impl std::hash::Hash for Beside {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.inner.hash(state);
    }
}

impl Beside {
    fn picked(&self, types: &[DataType]) -> &Arc<ScalarUDF> {
        self.others.iter().find(|(picks, _)| picks(types)).map_or(&self.inner, |(_, other)| other)
    }
}

fn types_of(fields: &[FieldRef]) -> Vec<DataType> {
    fields.iter().map(|field| field.data_type().clone()).collect()
}

impl ScalarUDFImpl for Beside {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn aliases(&self) -> &[String] {
        self.inner.aliases()
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        let fields: Vec<FieldRef> =
            arg_types.iter().map(|given| Arc::new(Field::new("", given.clone(), true))).collect();
        Ok(types_of(&fields_with_udf(&fields, self.picked(arg_types).as_ref())?))
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        self.picked(arg_types).return_type(arg_types)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        self.picked(&types_of(args.arg_fields)).return_field_from_args(args)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        self.picked(&types_of(&args.arg_fields)).invoke_with_args(args)
    }
}
