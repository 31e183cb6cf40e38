//! Lists that grow.

/// Adds an item.
#[cfg(not(all(target_arch = "wasm32", feature = "module")))]
pub(crate) fn push<Item>(list: &mut Vec<Item>, item: Item) {
    list.push(item);
}

/// Adds an item. `Vec::push` and an allocator would take more bytes than the rules of [`flow`](crate::flow), so a list gets
/// pages of memory of its own: the first lasts for thousands of calls. The module never frees, so a shorter list is left
/// where it is. Without memory the module traps.
#[cfg(all(target_arch = "wasm32", feature = "module"))]
#[allow(unsafe_code, reason = "the memory comes from the engine")]
pub(crate) fn push<Item>(list: &mut Vec<Item>, item: Item) {
    const PAGE: usize = 65_536;
    let length = list.len();
    if length == list.capacity() {
        let pages = 1 + 2 * length * size_of::<Item>() / PAGE;
        let place = core::arch::wasm32::memory_grow(0, pages).wrapping_mul(PAGE) as *mut Item;
        // SAFETY: the pages are nobody else's, and aligned. They have room for more than twice the items, and the old place
        // is forgotten.
        unsafe {
            place.copy_from_nonoverlapping(list.as_ptr(), length);
            let longer = Vec::from_raw_parts(place, length, pages * PAGE / size_of::<Item>());
            std::mem::forget(std::mem::replace(list, longer));
        }
    }
    // SAFETY: a list that was full is longer now.
    unsafe {
        list.as_mut_ptr().add(length).write(item);
        list.set_len(length + 1);
    }
}
