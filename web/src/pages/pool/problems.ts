/** The problems of an import in order, narrowed, and as a list to keep beside the workbook. */
import type { ImportProblem } from '@/api/shapes'
import { refusalWords, withFacts } from '@/words'

/** By sheet as they come, then row; within a row in the order of the columns. */
export function inOrder(problems: readonly ImportProblem[]): ImportProblem[] {
  const sheets = [...new Set(problems.map((one) => one.sheet))]
  return [...problems].sort((a, b) => sheets.indexOf(a.sheet) - sheets.indexOf(b.sheet) || a.row - b.row)
}

/** How often each reason occurs, most frequent first. */
export function byReason(problems: readonly ImportProblem[]): { code: string; n: number }[] {
  const counts = new Map<string, number>()
  for (const { code } of problems) counts.set(code, (counts.get(code) ?? 0) + 1)
  return [...counts].map(([code, n]) => ({ code, n })).sort((a, b) => b.n - a.n || a.code.localeCompare(b.code))
}

export function wordsOf(one: Pick<ImportProblem, 'code' | 'facts'>): { sentence: string; way_out: string } {
  return refusalWords(one.code, one.facts) ?? { sentence: withFacts(one.code, one.facts), way_out: '' }
}

/** "text:17" → form and length. */
export function hintOf(hint: string): { form: string; length: number } {
  const [form = 'other', length] = hint.split(':')
  return { form, length: Number(length ?? 0) }
}

/** CSV in UTF-8 with the mark that spreadsheets look for. A leading = + - @ would run as a formula there. */
export function asCsv(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cell = (value: string | number): string => {
    const text = String(value)
    return `"${(/^[=+\-@\t]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`
  }
  return `\uFEFF${[head, ...rows].map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`
}
