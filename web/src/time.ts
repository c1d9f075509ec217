/** Time as people think it: China Standard Time (fixed +08:00), relative words in the text, exact time in the title. */
import type { Lang } from './i18n'

const ZONE = 'Asia/Shanghai'

/** An instant from the API (ISO-8601 Z), from BDP/1 (Unix seconds) or a Date. */
export type Instant = string | number | Date

export function instant(value: Instant): Date {
  return value instanceof Date ? value : new Date(typeof value === 'number' ? value * 1000 : value)
}

function parts(value: Instant): Record<string, string> {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: ZONE, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23',
  })
  return Object.fromEntries(format.formatToParts(instant(value)).map((part) => [part.type, part.value]))
}

/** "14:20" or with seconds "14:20:04", China Standard Time. */
export function clock(value: Instant, seconds = false): string {
  const p = parts(value)
  return seconds ? `${p.hour}:${p.minute}:${p.second}` : `${p.hour}:${p.minute}`
}

/** "2026年11月24日" or "24 November 2026". */
export function day(value: Instant, lang: Lang): string {
  return new Intl.DateTimeFormat(lang === 'en' ? 'en-GB' : 'zh-CN', { timeZone: ZONE, year: 'numeric', month: 'long', day: 'numeric' }).format(instant(value))
}

/** The exact time written out, with the zone: "北京时间 2026年11月24日 14:20:04". */
export function exact(value: Instant, lang: Lang): string {
  return lang === 'en' ? `${day(value, lang)} ${clock(value, true)} China Standard Time` : `北京时间 ${day(value, lang)} ${clock(value, true)}`
}

/** Is it the same calendar day in China? */
export function sameDay(a: Instant, b: Instant): boolean {
  const [p, q] = [parts(a), parts(b)]
  return p.year === q.year && p.month === q.month && p.day === q.day
}

export interface Span {
  /** Locale key suffix: seconds, minutes, hours, days. */
  unit: 'seconds' | 'minutes' | 'hours' | 'days'
  n: number
}

/** Rounds as people do: 50 seconds, 18 minutes, 3 hours, 2 days. Minutes round up, so nobody is late by rounding. */
export function span(seconds: number): Span {
  const s = Math.abs(seconds)
  if (s < 60) return { unit: 'seconds', n: Math.ceil(s) }
  if (s < 2 * 3600) return { unit: 'minutes', n: Math.ceil(s / 60) }
  if (s < 48 * 3600) return { unit: 'hours', n: Math.round(s / 3600) }
  return { unit: 'days', n: Math.round(s / 86400) }
}
