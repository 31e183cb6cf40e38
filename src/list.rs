//! Lists that grow.

#[cfg(all(target_arch = "wasm32", feature = "module"))]
use std::mem::MaybeUninit;

/// Adds an item.
#[cfg(not(all(target_arch = "wasm32", feature = "module")))]
pub(crate) fn push<Item>(list: &mut Vec<Item>, item: Item) {
    list.push(item);
}

/// A word of an item, which may be padding.
#[cfg(all(target_arch = "wasm32", feature = "module"))]
type Word = MaybeUninit<u32>;

/// Adds an item of at most four words. `Vec::push` and an allocator would take more bytes than the rules of
/// [`flow`](crate::flow), so a list gets pages of memory of its own: the first lasts for thousands of calls. The module never
/// frees, so a shorter list is left where it is. Without memory the module traps.
#[cfg(all(target_arch = "wasm32", feature = "module"))]
#[allow(
    unsafe_code,
    reason = "an item is passed in words, and so never goes through memory on its way"
)]
#[inline(always)]
pub(crate) fn push<Item>(list: &mut Vec<Item>, item: Item) {
    const { assert!(size_of::<Item>() <= size_of::<[Word; 4]>()) };
    let mut words = [Word::new(0); 4];
    // SAFETY: there is room for the item.
    unsafe { words.as_mut_ptr().cast::<Item>().write(item) };
    let [first, second, third, fourth] = words;
    push_words(list, first, second, third, fourth);
}

#[cfg(all(target_arch = "wasm32", feature = "module"))]
#[allow(unsafe_code, reason = "the memory comes from the engine")]
#[inline(never)]
fn push_words<Item>(list: &mut Vec<Item>, first: Word, second: Word, third: Word, fourth: Word) {
    let length = list.len();
    if length == list.capacity() {
        let words = length * size_of::<Item>() / size_of::<Word>();
        let pages = 1 + 2 * length / (PAGE / size_of::<Item>());
        // SAFETY: the pages are nobody else's, and aligned. They have room for more than twice the items, and the old place
        // is forgotten.
        unsafe {
            let place = moved(list.as_ptr().cast(), words, pages);
            let room = pages * (PAGE / size_of::<Item>());
            let longer = Vec::from_raw_parts(place.cast(), length, room);
            std::mem::forget(std::mem::replace(list, longer));
        }
    }
    let words = [first, second, third, fourth];
    // SAFETY: a list that was full is longer now.
    unsafe {
        list.as_mut_ptr()
            .add(length)
            .write(words.as_ptr().cast::<Item>().read());
        list.set_len(length + 1);
    }
}

#[cfg(all(target_arch = "wasm32", feature = "module"))]
const PAGE: usize = 65_536;

/// Copies these words to new pages of memory.
#[cfg(all(target_arch = "wasm32", feature = "module"))]
#[allow(unsafe_code, reason = "the memory comes from the engine")]
#[inline(never)]
unsafe fn moved(from: *const Word, words: usize, pages: usize) -> *mut Word {
    let place = core::arch::wasm32::memory_grow(0, pages).wrapping_mul(PAGE) as *mut Word;
    for word in 0..words {
        // SAFETY: the caller says that there are as many, and that they fit. (The compiler would replace any other loop by a
        // function that copies bytes.)
        unsafe { place.add(word).write_volatile(from.add(word).read()) };
    }
    place
}
