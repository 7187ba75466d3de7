//! What stands between a row and its value: the keys of dictionaries and runs, the bounds of
//! lists. Read once per batch, for the writers of text and of binary alike.

use arrow::array::{Array, ArrayRef, AsArray, OffsetSizeTrait};
use arrow::datatypes::{ArrowNativeType, DataType, Field, FieldRef, Int16Type, Int32Type, Int64Type};

use super::error::Error;
use crate::types::TYPE_KEY;

/// How deep types may be nested. A guess: deeper than any table seen, far from the end of the stack.
pub const DEPTH_MAX: usize = 64;

/// An array whose rows refer to values that are stored once.
#[derive(Debug)]
pub struct Keyed {
    /// For each row the index of its value. Anything where the row is null.
    pub keys: Vec<u32>,
    /// The values.
    pub values: ArrayRef,
}

impl Keyed {
    /// The field of the values, where the array's own is `field`: its type is theirs, and what names their
    /// PostgreSQL type is looked for where [`column_type`](crate::types::column_type) looks.
    pub fn field(&self, field: &Field) -> Field {
        match field.data_type() {
            DataType::RunEndEncoded(_, values) if !field.metadata().contains_key(TYPE_KEY) => {
                values.as_ref().clone()
            }
            _ => field.clone().with_data_type(self.values.data_type().clone()),
        }
    }

    /// The keys and values of a dictionary or a run-end encoded array; none for other arrays.
    pub fn of(array: &dyn Array) -> Option<Keyed> {
        match array.data_type() {
            DataType::Dictionary(_, _) => {
                let dictionary = array.as_any_dictionary();
                let values = dictionary.values().clone();
                if values.is_empty() {
                    return Some(Keyed { keys: vec![0; array.len()], values });
                }
                let keys = dictionary.normalized_keys().into_iter().map(|key| key as u32).collect();
                Some(Keyed { keys, values })
            }
            DataType::RunEndEncoded(ends, _) => {
                let rows: Vec<i64> = (0..array.len() as i64).collect();
                let (keys, values) = match ends.data_type() {
                    DataType::Int16 => {
                        let runs = array.as_run::<Int16Type>();
                        let rows: Vec<i16> = rows.iter().map(|row| *row as i16).collect();
                        (runs.get_physical_indices(&rows), runs.values().clone())
                    }
                    DataType::Int32 => {
                        let runs = array.as_run::<Int32Type>();
                        let rows: Vec<i32> = rows.iter().map(|row| *row as i32).collect();
                        (runs.get_physical_indices(&rows), runs.values().clone())
                    }
                    _ => {
                        let runs = array.as_run::<Int64Type>();
                        (runs.get_physical_indices(&rows), runs.values().clone())
                    }
                };
                let keys = keys.unwrap_or_default().into_iter().map(|key| key as u32).collect();
                Some(Keyed { keys, values })
            }
            _ => None,
        }
    }
}

/// An array of lists of any kind.
#[derive(Debug)]
pub struct Lists {
    /// For each row the index of its first element and how many it has.
    pub spans: Vec<(usize, usize)>,
    /// The elements.
    pub elements: ArrayRef,
    /// What the elements are.
    pub field: FieldRef,
}

impl Lists {
    /// The bounds and elements of an array of lists; none for other arrays. A map is a list of
    /// its entries.
    pub fn of(array: &dyn Array) -> Option<Lists> {
        let (spans, elements, field) = match array.data_type() {
            DataType::List(field) => {
                let list = array.as_list::<i32>();
                (of_offsets(list.value_offsets()), list.values().clone(), field)
            }
            DataType::LargeList(field) => {
                let list = array.as_list::<i64>();
                (of_offsets(list.value_offsets()), list.values().clone(), field)
            }
            DataType::Map(field, _) => {
                let map = array.as_map();
                let entries: ArrayRef = std::sync::Arc::new(map.entries().clone());
                (of_offsets(map.value_offsets()), entries, field)
            }
            DataType::ListView(field) => {
                let list = array.as_list_view::<i32>();
                (of_views(list.value_offsets(), list.value_sizes()), list.values().clone(), field)
            }
            DataType::LargeListView(field) => {
                let list = array.as_list_view::<i64>();
                (of_views(list.value_offsets(), list.value_sizes()), list.values().clone(), field)
            }
            DataType::FixedSizeList(field, size) => {
                let list = array.as_fixed_size_list();
                let size = *size as usize;
                let spans = (0..list.len()).map(|row| (list.value_offset(row) as usize, size)).collect();
                (spans, list.values().clone(), field)
            }
            _ => return None,
        };
        Some(Lists { spans, elements, field: field.clone() })
    }
}

fn of_offsets<O: OffsetSizeTrait>(offsets: &[O]) -> Vec<(usize, usize)> {
    offsets.windows(2).map(|pair| (pair[0].as_usize(), (pair[1] - pair[0]).as_usize())).collect()
}

fn of_views<O: ArrowNativeType>(offsets: &[O], sizes: &[O]) -> Vec<(usize, usize)> {
    offsets.iter().zip(sizes).map(|(offset, size)| (offset.as_usize(), size.as_usize())).collect()
}

/// The most dimensions a PostgreSQL array has: `MAXDIM`.
pub const DIMENSIONS_MAX: usize = 6;

/// The lengths of an array's dimensions, found out element by element.
#[derive(Debug, Default, Clone, Copy)]
pub struct Dimensions {
    lengths: [Option<usize>; DIMENSIONS_MAX],
}

impl Dimensions {
    /// Notes that there is a list of this length at this level, from 0.
    ///
    /// # Errors
    ///
    /// [`Error::Ragged`] where another one at this level is longer or shorter,
    /// [`Error::Dimensions`] where the level is beyond what arrays have.
    pub fn note(&mut self, level: usize, length: usize) -> Result<(), Error> {
        let known = self.lengths.get_mut(level).ok_or(Error::Dimensions { count: level + 1 })?;
        match known {
            Some(known) if *known != length => Err(Error::Ragged),
            _ => {
                *known = Some(length);
                Ok(())
            }
        }
    }

    /// The lengths, outermost first; none where the array has no element at all.
    pub fn lengths(&self) -> impl Iterator<Item = usize> + '_ {
        let is_empty = self.lengths.iter().flatten().any(|length| *length == 0);
        self.lengths.iter().take(if is_empty { 0 } else { DIMENSIONS_MAX }).map_while(|length| *length)
    }

    /// Whether there is no element at all.
    pub fn is_empty(&self) -> bool {
        self.lengths().next().is_none()
    }
}
