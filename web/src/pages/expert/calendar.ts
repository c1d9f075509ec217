/** An appointment for the expert's own calendar, made here in the browser: time and place, never a project (R-CONF-6). */

/** RFC 5545: backslash, semicolon, comma and line break are escaped in a text. */
const text = (plain: string): string => plain.replace(/[\\;,]/g, '\\$&').replace(/\r?\n/g, '\\n')
const stamp = (at: Date): string => at.toISOString().replace(/[-:]|\.\d{3}/g, '')

/** Lines hold at most 75 octets; a longer one goes on after a break and a space. */
function folded(line: string): string {
  const parts: string[] = []
  let part = ''
  let bytes = 0
  for (const character of line) {
    const size = new TextEncoder().encode(character).length
    if (bytes + size > 74) {
      parts.push(part)
      part = ''
      bytes = 0
    }
    part += character
    bytes += size
  }
  return [...parts, part].join('\r\n ')
}

/** The file of one appointment. `id` is the invitation's; `title` says no more than that there is one. */
export function calendarOf(invitation: { id: string; starts_at: string; place: string }, title: string, now = new Date()): string {
  const begins = new Date(invitation.starts_at)
  return [
    'BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//expert-draw//inbox//ZH', 'BEGIN:VEVENT',
    `UID:${text(invitation.id)}@expert-draw`, `DTSTAMP:${stamp(now)}`, `DTSTART:${stamp(begins)}`,
    `SUMMARY:${text(title)}`, `LOCATION:${text(invitation.place)}`, 'CLASS:CONFIDENTIAL',
    'BEGIN:VALARM', 'ACTION:DISPLAY', `DESCRIPTION:${text(title)}`, 'TRIGGER:-PT1H', 'END:VALARM',
    'END:VEVENT', 'END:VCALENDAR', '',
  ].map(folded).join('\r\n')
}

/** Hands the file over as a download; nothing leaves this machine. */
export function keepCalendar(file: string, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([file], { type: 'text/calendar;charset=utf-8' }))
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
