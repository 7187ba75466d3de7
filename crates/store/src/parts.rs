//! Parts of an object that are asked for in one request.
//!
//! The pages of a table's columns lie far apart, and a request of a file of this machine costs a dozen turns of threads
//! however little it brings. So an option of a GET can say which parts of its range are wanted, and the body that
//! [`OnRuntime`](crate::on_runtime::OnRuntime) makes of the answer has those, one behind the other, and nothing else.

use std::ops::Range;
use std::sync::Arc;

use object_store::GetOptions;

/// Parts of an object, in order and apart from each other. Cheap to clone.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Parts(Arc<[Range<u64>]>);

impl Parts {
    /// The bytes that lie in any of these ranges, in requests of about so many bytes.
    pub(crate) fn requests(ranges: &[Range<u64>], request_bytes: u64) -> Vec<Parts> {
        let mut ranges: Vec<Range<u64>> = ranges.iter().filter(|range| !range.is_empty()).cloned().collect();
        ranges.sort_unstable_by_key(|range| range.start);
        ranges.dedup_by(|next, range| {
            let is_joined = next.start <= range.end;
            range.end = if is_joined { range.end.max(next.end) } else { range.end };
            is_joined
        });
        let mut bytes = 0;
        let requests = ranges.chunk_by(|range, _| {
            bytes += length(range);
            let is_full = bytes >= request_bytes;
            bytes = if is_full { 0 } else { bytes };
            !is_full
        });
        requests.map(|ranges| Self(ranges.into())).collect()
    }

    /// What is wanted of the answer to a GET, which has this range.
    pub(crate) fn of(options: &GetOptions, range: &Range<u64>) -> Self {
        let parts = options.extensions.get::<Self>().cloned();
        parts.unwrap_or_else(|| Self([range.clone()].into()))
    }

    /// Asks for these.
    pub(crate) fn ask(&self, options: &mut GetOptions) {
        options.range = Some(self.range().into());
        options.extensions.insert(self.clone());
    }

    /// The range that all of them lie in.
    fn range(&self) -> Range<u64> {
        let start = self.0.first().map_or(0, |first| first.start);
        start..self.0.last().map_or(start, |last| last.end)
    }

    /// Each of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Range<u64>> {
        self.0.iter().cloned()
    }

    /// What of a piece of the object is wanted.
    pub(crate) fn within(&self, piece: Range<u64>) -> impl Iterator<Item = Range<u64>> {
        let after = self.0.partition_point(|part| part.end <= piece.start);
        let parts = self.0[after..].iter().take_while(move |part| part.start < piece.end);
        parts.map(move |part| part.start.max(piece.start)..part.end.min(piece.end))
    }

    /// All of them in pieces of at most so many bytes.
    pub(crate) fn pieces(&self, piece_bytes: u64) -> impl Iterator<Item = Range<u64>> {
        self.iter().flat_map(move |part| {
            let starts = (part.start..part.end).step_by(usize::try_from(piece_bytes).unwrap_or(usize::MAX));
            starts.map(move |start| start..part.end.min(start + piece_bytes))
        })
    }
}

/// How many bytes a range has.
pub(crate) fn length(range: &Range<u64>) -> u64 {
    range.end - range.start
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use object_store::GetOptions;

    use super::Parts;

    fn parts(ranges: &[(u64, u64)]) -> Parts {
        Parts(ranges.iter().map(|(start, end)| *start..*end).collect())
    }

    #[test]
    fn ranges_are_put_in_order_joined_and_shared_out_to_requests() {
        let ranges = [50..60, 0..10, 5..5, 10..20, 15..18, 30..40, 31..45];
        assert_eq!(Parts::requests(&ranges, 1000), [parts(&[(0, 20), (30, 45), (50, 60)])]);
        assert_eq!(Parts::requests(&ranges, 30), [parts(&[(0, 20), (30, 45)]), parts(&[(50, 60)])]);
        assert_eq!(Parts::requests(&ranges, 1), [parts(&[(0, 20)]), parts(&[(30, 45)]), parts(&[(50, 60)])]);
        assert_eq!(Parts::requests(&[], 1), []);
    }

    #[test]
    fn a_get_says_what_it_wants_and_the_whole_range_otherwise() {
        let mut options = GetOptions::default();
        assert_eq!(Parts::of(&options, &(3..9)), parts(&[(3, 9)]));
        let wanted = parts(&[(0, 20), (30, 45)]);
        wanted.ask(&mut options);
        assert_eq!(options.range, Some((0..45).into()));
        assert_eq!(Parts::of(&options, &(0..45)), wanted);
    }

    #[test]
    fn of_each_piece_those_bytes_are_taken_that_are_wanted() {
        let wanted = parts(&[(2, 5), (8, 9), (20, 30)]);
        for size in [1, 2, 3, 7, 100] {
            let taken: Vec<u64> = (0..40)
                .step_by(size as usize)
                .flat_map(|start| wanted.within(start..start + size))
                .flatten()
                .collect();
            assert_eq!(taken, wanted.iter().flatten().collect::<Vec<_>>(), "{size}");
            let pieces: Vec<Range<u64>> = wanted.pieces(size).collect();
            assert!(pieces.iter().all(|piece| !piece.is_empty() && piece.end - piece.start <= size));
            assert_eq!(pieces.into_iter().flatten().collect::<Vec<_>>(), taken, "{size}");
        }
    }
}
