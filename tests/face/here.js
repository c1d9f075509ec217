/* Where the focus is: whether that is what was wanted, whether it is seen, whether it is on the screen. */
(selector) => {
  const it = document.activeElement
  if (!it || it === document.body) return { there: false, name: 'the page', seen: true, inside: true }
  const ringed = (one) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one)
    return (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none'
  }
  let seen = false
  for (let one = it, up = 0; one && up < 4; one = one.parentElement, up += 1) seen ||= ringed(one)
  seen ||= it.nextElementSibling !== null && ringed(it.nextElementSibling)
  const box = it.getBoundingClientRect()
  return {
    there: it.matches(selector),
    name: it.dataset.testid || it.id || (it.innerText || it.getAttribute('aria-label') || it.tagName).trim().slice(0, 30),
    seen: seen || it.tabIndex < 0,
    inside: box.bottom > 0 && box.top < innerHeight,
  }
}
