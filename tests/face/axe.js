/* Violations of WCAG 2.2 A and AA and of best practice, one sentence for each place. */
async () => {
  const found = await axe.run(document, {
    runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] },
    resultTypes: ['violations'],
  })
  return found.violations.flatMap((one) => one.nodes.map((node) => `axe ${one.id}: ${node.target.join(' ')} ${node.failureSummary.split('\n').slice(1, 2).join('').trim()}`))
}
