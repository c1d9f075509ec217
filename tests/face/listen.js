/* Put into each page before its own scripts: what the server said (so that data may be told from words of
   the page), and which element listens to what (so that a button without an act is found). */
(() => {
  window.__said = []
  const keep = (text) => { if (/[\u3400-\u9fff]|\w[._]\w/.test(text)) window.__said.push(text) }
  const ask = window.fetch
  window.fetch = async (...how) => {
    const answer = await ask(...how)
    const type = answer.headers.get('Content-Type') ?? ''
    if (type.includes('json')) answer.clone().text().then(keep, () => {})
    return answer
  }
  const open = XMLHttpRequest.prototype.open
  XMLHttpRequest.prototype.open = function (...how) {
    this.addEventListener('load', () => keep(typeof this.response === 'string' ? this.response : JSON.stringify(this.response)))
    return open.apply(this, how)
  }
  window.__heard = new WeakMap()
  const hear = EventTarget.prototype.addEventListener
  EventTarget.prototype.addEventListener = function (type, ...how) {
    if (this && typeof this === 'object') window.__heard.set(this, (window.__heard.get(this) ?? new Set()).add(type))
    return hear.call(this, type, ...how)
  }
  const Plain = window.WebSocket
  window.WebSocket = class extends Plain {
    constructor(...how) { super(...how); this.addEventListener('message', ({ data }) => keep(String(data))) }
  }
})()
