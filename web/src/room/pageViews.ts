/** Tells the server about once a minute which pages were on the screen while scoring, and for how long. Nothing is told while the tab is hidden. */
export interface ToldView {
  document: string
  page: number
  ago: number
  seconds: number
}
interface View {
  document: string
  page: number
  from: number
  to: number
}
const EVERY_MS = 60_000
const LEAST_MS = 2000
const MOST = 200

export class PageViews {
  private kept: View[] = []
  private open: Omit<View, 'to'> | null = null
  private timer: ReturnType<typeof setInterval>

  /** `tell` may fail: what it was given is told with the next. */
  constructor(private readonly tell: (views: ToldView[]) => Promise<unknown>, private readonly now: () => number = () => performance.now()) {
    this.timer = setInterval(() => void this.flush(), EVERY_MS)
  }

  /** A page is on the screen from now on; null: none. */
  turn(document: string | null, page: number): void {
    this.end()
    this.open = document === null ? null : { document, page, from: this.now() }
  }

  /** Tells what is known up to now; the open page goes on. */
  async flush(): Promise<void> {
    const open = this.open
    this.end()
    if (open) this.open = { ...open, from: this.now() }
    const some = this.kept.splice(0, MOST)
    if (!some.length) return
    const now = this.now()
    const whole = (ms: number): number => Math.round(ms / 1000)
    try {
      await this.tell(some.map((one) => ({ document: one.document, page: one.page, ago: whole(now - one.from), seconds: whole(one.to - one.from) })))
    } catch {
      this.kept = [...some, ...this.kept].slice(-MOST)
    }
  }

  close(): void {
    clearInterval(this.timer)
    this.end()
    void this.flush()
  }

  private end(): void {
    if (this.open && this.now() - this.open.from >= LEAST_MS) this.kept.push({ ...this.open, to: this.now() })
    this.open = null
  }
}
