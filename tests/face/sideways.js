/* What runs over the edge at this width: the page itself, or a part that would have to be scrolled sideways. */
() => {
  const problems = []
  const page = document.scrollingElement
  const name = (element) => `${element.tagName.toLowerCase()}.${[...element.classList].join('.')}`
  if (page.scrollWidth > page.clientWidth) {
    const wide = [...document.body.querySelectorAll('*')].filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > page.clientWidth + 1)
    problems.push(`page ${page.scrollWidth} > ${page.clientWidth}: ${wide.slice(-3).map(name).join(', ')}`)
  }
  for (const one of document.body.querySelectorAll('*')) {
    if (one.scrollWidth <= one.clientWidth + 1 || !one.checkVisibility()) continue
    const style = getComputedStyle(one)
    if (/auto|scroll/.test(style.overflowX) && one.clientWidth > 0 && !one.closest('[data-sideways]')) problems.push(`sideways ${name(one)} ${one.scrollWidth} > ${one.clientWidth}`)
    if (style.textOverflow === 'ellipsis' && style.overflowX === 'hidden' && !one.closest('[title]')) problems.push(`cut off without a title: ${one.innerText.slice(0, 50)}`)
  }
  return [...new Set(problems)]
}
