/* Runs in any browser, however old, and says in plain words that this one is too old for the page.
   Only syntax of 2009 here: a newer word would leave the page blank, which is what this is against. */
(function () {
  function tell() {
    var words = document.getElementById('too-old')
    var page = document.getElementById('app')
    if (words && page && !page.firstChild) words.removeAttribute('hidden')
  }
  var able = 'noModule' in document.createElement('script') && Object.hasOwn && Array.prototype.at && window.structuredClone
  if (!able) tell()
  if (window.addEventListener) {
    window.addEventListener('error', function (event) {
      if (/SyntaxError/.test(event.message || '')) tell()
    })
  }
})()
