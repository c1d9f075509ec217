/* Where high contrast is asked of the system. `forced`: its colours win, so that a shadow or a background says
   nothing any more. Otherwise `prefers-contrast: more`: text seven to one, links underlined. */
async ({ forced }) => {
  const seen = (element) => element.checkVisibility({ visibilityProperty: true })
  const name = (element) => `${element.tagName.toLowerCase()} “${(element.innerText || element.getAttribute('aria-label') || element.id || '').trim().slice(0, 40)}”`
  const problems = []
  if (forced) {
    if (!matchMedia('(forced-colors: active)').matches) problems.push('the colours are not forced')
    const line = (element) => getComputedStyle(element).borderBottomColor
    const places = [...document.querySelectorAll('header nav a.item')].filter(seen)
    for (const marked of places.filter((one) => one.getAttribute('aria-current'))) {
      for (const other of places.filter((one) => !one.getAttribute('aria-current'))) {
        if (line(marked) === line(other)) problems.push(`the place ${name(marked)} looks like ${name(other)}`)
      }
    }
    for (const button of [...document.querySelectorAll('.btn:not(.plain), .tag')].filter(seen)) {
      const { borderBottomStyle, borderBottomWidth } = getComputedStyle(button)
      if (borderBottomStyle === 'none' || borderBottomWidth === '0px') problems.push(`no edge around ${name(button)}`)
    }
    return problems
  }
  if (!matchMedia('(prefers-contrast: more)').matches) problems.push('no more contrast is asked for')
  for (const link of [...document.querySelectorAll('p a, li a, td a, dd a')].filter(seen)) {
    if (link.matches('.btn, .item')) continue
    if (!getComputedStyle(link).textDecorationLine.includes('underline')) problems.push(`not underlined: ${name(link)}`)
  }
  const found = await axe.run(document, { runOnly: { type: 'rule', values: ['color-contrast-enhanced'] }, rules: { 'color-contrast-enhanced': { enabled: true } }, resultTypes: ['violations'] })
  return problems.concat(found.violations.flatMap((one) => one.nodes.map((node) => `axe ${one.id}: ${node.target.join(' ')} ${node.failureSummary.split('\n').slice(1, 2).join('').trim()}`)))
}
