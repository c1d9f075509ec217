/* What one look at a page finds, in one call. Gives { problems: string[], shown: { family: characters } }.
 * `said`: every Chinese text the server sent to this page, so that data may stand in an English page. */
async ({ lang, focus }) => {
  const problems = []
  const shown = {}
  const seen = (element) => element.checkVisibility({ visibilityProperty: true })
  const name = (element) => {
    const id = element.getAttribute?.('data-testid') || element.id || [...(element.classList ?? [])].join('.')
    return `${element.tagName.toLowerCase()}${id ? `[${id}]` : ''} “${(element.innerText || element.getAttribute('aria-label') || '').trim().slice(0, 40)}”`
  }
  const all = (selector, root = document) => [...root.querySelectorAll(selector)].filter(seen)
  const dialog = all('[role=dialog]').at(-1) ?? null
  const scope = dialog ?? document.body

  // --- words
  const CODE = 'code, kbd, pre, .mono, [data-verbatim]'
  const KEY = /(?<![\w@/.-])[a-z][a-z_]*(?:\.[a-z0-9_]+)+(?![\w/@-])/g
  const FILE = /\.(html|json|pdf|xlsx|csv|toml|md|py|note|holder)$/
  const RAW = /(?<![\w./-])[a-z]+_[a-z_]+(?![\w./-])/g
  const HAN = /[\u3400-\u9fff]+/g
  const HOLE = /\{\w+\}|undefined|\bNaN\b|\[object|\bnull\b/
  const said = (window.__said ?? []).join('\n')
  const judge = (text, element, what) => {
    if (!text.trim()) return
    if (!element.closest(CODE)) {
      for (const [hit] of text.matchAll(KEY)) if (!FILE.test(hit) && !said.includes(hit)) problems.push(`key ${hit} in ${what} of ${name(element)}`)
      for (const [hit] of text.matchAll(RAW)) if (!said.includes(hit) || !/^(ex|dr|ev|ac)_/.test(hit)) problems.push(`raw word ${hit} in ${what} of ${name(element)}`)
    }
    if (HOLE.test(text)) problems.push(`hole in ${what}: ${text.trim().slice(0, 60)}`)
    if (lang === 'en' && !element.closest('[lang="zh-CN"]:not(html), svg')) {
      for (const [hit] of text.matchAll(HAN)) if (!said.includes(hit)) problems.push(`Chinese ${hit} in ${what} of ${name(element)}`)
    }
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement
    if (!parent || parent.closest('script, style, noscript') || !seen(parent)) continue
    judge(node.data, parent, 'text')
    const { fontFamily, fontWeight, textTransform } = getComputedStyle(parent)
    const key = `${fontFamily}|${fontWeight}`
    const text = textTransform === 'uppercase' ? node.data.toUpperCase() : node.data
    shown[key] = [...new Set((shown[key] ?? '') + text.replace(/\s/g, ''))].join('')
  }
  for (const element of all('[aria-label], [title], [placeholder], [alt]')) {
    for (const one of ['aria-label', 'title', 'placeholder', 'alt']) judge(element.getAttribute(one) ?? '', element, one)
  }
  judge(document.title, document.body, 'browser title')
  if (document.documentElement.lang !== lang) problems.push(`the page says lang=${document.documentElement.lang}`)

  // --- one heading, one primary action, nothing that does nothing
  const heads = all('h1').filter((one) => !one.closest('[role=dialog]'))
  if (heads.length !== 1) problems.push(`${heads.length} first headings: ${heads.map((one) => one.innerText).join(' | ')}`)
  const first = all('.btn.primary, .btn.danger, .el-button--primary', scope)
  if (first.length > 1) problems.push(`${first.length} primary actions: ${first.map((one) => one.innerText).join(' | ')}`)
  const acts = (element) => ['click', 'mousedown', 'pointerdown', 'keydown'].some((type) => window.__heard.get(element)?.has(type))
  for (const button of all('button, [role=button]')) {
    if (button.disabled || button.getAttribute('aria-disabled') === 'true') continue
    const submits = button.type === 'submit' && button.form
    if (!submits && !acts(button)) problems.push(`dead button ${name(button)}`)
  }
  for (const link of all('a')) if (!link.getAttribute('href') || link.getAttribute('href') === '#') problems.push(`dead link ${name(link)}`)

  // --- the keyboard sees where it is
  if (focus) {
    const look = (element) => {
      const parts = []
      for (let one = element, up = 0; one && up < 4; one = one.parentElement, up += 1) {
        const style = getComputedStyle(one)
        parts.push(style.outlineStyle, style.outlineWidth, style.boxShadow, style.borderColor, style.left)
      }
      return parts.join(' ')
    }
    const before = document.activeElement
    if (before instanceof HTMLElement && !dialog) before.blur()
    await new Promise((done) => requestAnimationFrame(done))
    const SELECTOR = 'a[href], button, input, select, textarea, summary, [tabindex="0"]'
    for (const element of all(SELECTOR, scope)) {
      if (element.disabled || element.tabIndex < 0 || element.closest('[inert]')) continue
      // A dialog gives the focus back at once: there the calm look is that with another thing in focus.
      const other = dialog ? all(SELECTOR, scope).find((one) => one !== element && !one.disabled) : null
      if (other) other.focus({ preventScroll: true })
      else element.blur()
      const calm = look(element)
      element.focus({ preventScroll: true })
      if (document.activeElement !== element) continue
      if (look(element) === calm) problems.push(`focus unseen on ${name(element)}`)
    }
    if (!dialog && document.activeElement instanceof HTMLElement) document.activeElement.blur()
    if (before instanceof HTMLElement) before.focus({ preventScroll: true })
  }
  return { problems: [...new Set(problems)], shown }
}
