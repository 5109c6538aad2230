import { fitted as fittedCanvas, inkOf } from '../../parts/canvas'
import type { SpendLimit } from '../../parts/money'
import type { Picture } from '../../trace/picture'
import type { Chosen } from '../chosen'
import { asksFor, type Bands, bandsOf } from './bands'
import { barEnd, barStart, barsOf, type Drawn, isInFlight, reachOf, startOf } from './bars'
import { factsOf, type GroupFacts } from './groupFacts'
import { type Grouping, Lanes } from './lanes'
import { BAND_PX, barAt, GUTTER_PX, type Layout, layout, rectOf } from './layout'
import { type Moment, toldIn } from './moment'
import { type Overview, overview } from './overview'
import { paint } from './paint'
import { type Palette, paletteOf } from './palette'
import { Rects } from './rects'
import type { SharedAxis } from './sharedAxis'
import { fitted, following, panned, type View, zoomed } from './view'

export interface Limits {
  planned: number
  quorum: number | null
  budget: SpendLimit | null
}

/** Figures beside the bars are counted anew at most this often, for this share of the time. */
const COUNT_MS = 200
const COUNT_SHARE = 0.03
const SLOW_FRAME_MS = 24
const FOLLOWED_US = 10_000_000
/** Of these, which were told first, the first began. */
const MOST_FIRST = 50

/** What the timeline shows and when it paints; knows no React. */
export class TimelineEngine {
  view: View | null = null
  isFollowing = false
  made: Layout | null = null
  lanes: Lanes
  isPhone = false
  /** The time axis that other runs are on, too. */
  axis: SharedAxis | null = null
  #canvas: HTMLCanvasElement
  #source: () => Moment
  #palette: Palette | null = null
  #rects = new Rects()
  #scheduled = 0
  #scroll = 0
  #size = { width: 0, height: 0 }
  #limits: Limits = { planned: 0, quorum: null, budget: null }
  #selected: Chosen | null = null
  #pointed = -1
  #counted: Counted | null = null
  #banded_ms = 0
  #cost_ms = 0
  #skip = false
  #seenWhole: { key: string; picture: Picture; overview: Overview } | null = null
  /** Told when a hand moved the view. */
  onView: (view: View | null, isFollowing: boolean) => void = () => {}

  constructor(canvas: HTMLCanvasElement, source: () => Moment, grouping: Grouping) {
    this.#canvas = canvas
    this.#source = source
    this.lanes = new Lanes(grouping)
  }

  group(grouping: Grouping): void {
    if (this.lanes.grouping === grouping) return
    this.lanes = new Lanes(grouping)
    this.#scroll = 0
    this.#counted = null
    this.paintSoon()
  }

  limit(limits: Limits): void {
    this.#limits = limits
    this.#counted = null
    this.paintSoon()
  }

  select(selected: Chosen | null): void {
    this.#selected = selected
    this.paintSoon()
  }

  resize(width: number, height: number): void {
    this.#size = { width, height }
    this.#counted = null
    this.paintSoon()
  }

  retheme(): void {
    this.#palette = null
    this.paintSoon()
  }

  /** Moves the view by hand; that ends following. */
  look(view: View): void {
    this.#turnTo(view, false)
  }

  /** Shows what another timeline of the same axis shows. */
  show(view: View | null): void {
    this.view = view
    this.isFollowing = false
    this.paintSoon()
  }

  #turnTo(view: View | null, isFollowing: boolean): void {
    this.view = view
    this.isFollowing = isFollowing
    this.axis?.moved(this, view)
    this.onView(isFollowing ? null : view, isFollowing)
    this.paintSoon()
  }

  follow(): void {
    const { now_us } = this.#source()
    const span =
      this.view && !this.isFollowing
        ? this.view.t1 - this.view.t0
        : Math.min(FOLLOWED_US, Math.max(now_us, 1_000_000))
    this.#turnTo(following({ t0: 0, t1: span }, now_us), true)
  }

  fit(): void {
    this.#turnTo(null, false)
  }

  zoom(factor: number, x?: number): void {
    if (!this.made) return
    const view = this.#view()
    const middle =
      x === undefined
        ? this.isFollowing
          ? this.#source().now_us
          : (view.t0 + view.t1) / 2
        : this.made.at(x)
    const next = zoomed(view, factor, middle, this.whole())
    if (this.isFollowing) {
      this.view = next
      this.paintSoon()
    } else this.look(next)
  }

  pan(by_us: number): void {
    this.look(panned(this.#view(), by_us, this.whole()))
  }

  /** Rows up and down; whether they moved. */
  scrollBy(px: number): boolean {
    const room = this.#size.height - 48 - 22 - this.#bands()
    const most = Math.max(0, (this.made?.contentHeight ?? 0) + 12 - room)
    const next = Math.min(most, Math.max(0, this.#scroll + px))
    if (next === this.#scroll) return false
    this.#scroll = next
    this.paintSoon()
    return true
  }

  /** The bar at a point of the canvas, and where the pointer leaves its mark. */
  point(x: number, y: number): number {
    const bar = this.made ? barAt(this.made, x, y) : -1
    if (bar !== this.#pointed) {
      this.#pointed = bar
      this.paintSoon()
    }
    return bar
  }

  /** Brings the first bar of something into sight. */
  reveal(pick: Chosen): void {
    const moment = this.#source()
    const [bar] = barsOf(moment, pick)
    if (bar === undefined) return
    const start = barStart(moment, bar)
    const ended = barEnd(moment, bar)
    const end = Number.isNaN(ended) ? moment.now_us : ended
    const view = this.#view()
    if (start < view.t0 || end > view.t1)
      this.look(panned(view, (start + end) / 2 - (view.t0 + view.t1) / 2, this.whole()))
    const at = this.made && rectOf(moment, this.lanes, this.made, bar)
    if (at && (at.y < 74 || at.y > this.#size.height - this.#bands() - 12))
      this.scrollBy(at.y - this.#size.height / 2)
  }

  /** From the first moment to the last; of all runs where several are on one axis. */
  whole(): View {
    const { t0, t1 } = this.axis?.reach() ?? this.reach()
    return fitted(t0, t1)
  }

  /** The first moment of this run, and the last. */
  reach(): View {
    const moment = this.#source()
    const { picture, now_us, isReplay } = moment
    const last = isReplay ? (picture.run.last_us ?? now_us) : now_us
    const first = Math.min(0, firstOf(moment))
    const [t0, t1] = reachOf(moment.children, first, Math.max(last, 1000))
    return { t0, t1 }
  }

  /** Whether this is what it paints on. */
  isOn(target: EventTarget | null): boolean {
    return target === this.#canvas
  }

  #view(): View {
    const { now_us, isLive } = this.#source()
    if (!this.isFollowing || !this.view) return this.view ?? this.whole()
    const followed = following(this.view, now_us)
    // What has ended, and was shorter than what was followed, is seen whole.
    return !isLive && followed.t0 < this.whole().t0 ? this.whole() : followed
  }

  #bands(): number {
    if (this.#size.height < 260) return 0
    const hasBudget = this.#limits.budget !== null || !!this.#counted?.bands?.budget
    return BAND_PX * (Number(asksFor(this.#limits)) + Number(hasBudget))
  }

  paintSoon(): void {
    if (this.#scheduled === 0) this.#scheduled = requestAnimationFrame(() => this.#frame())
  }

  stop(): void {
    cancelAnimationFrame(this.#scheduled)
    this.#scheduled = -1
  }

  #frame(): void {
    this.#scheduled = 0
    const moment = this.#source()
    const isMoving = moment.isLive && !document.hidden
    if (isMoving) this.paintSoon()
    // A machine that is slow paints every other frame, and stays able to scroll.
    this.#skip = isMoving && this.#cost_ms > SLOW_FRAME_MS && !this.#skip
    if (this.#skip || this.#size.width === 0) return
    const began = performance.now()
    this.#paint(moment)
    this.#cost_ms = this.#cost_ms * 0.9 + (performance.now() - began) * 0.1
  }

  #paint(moment: Moment): void {
    const { picture, now_us, hasEnded, isReplay, isLive } = moment
    this.lanes.update(moment)
    const counted = this.#count(moment)
    const box = {
      ...this.#size,
      gutter: this.isPhone ? 0 : GUTTER_PX,
      scroll: this.#scroll,
      bands: this.#bands(),
    }
    this.made = layout(
      moment,
      this.lanes,
      this.#view(),
      { now_us, hasEnded, hasLater: isReplay },
      box,
      this.#rects,
    )
    const pen = fittedCanvas(this.#canvas, this.#size.width, this.#size.height, true)
    if (!pen) return
    this.#palette ??= paletteOf(pen, inkOf(this.#canvas))
    paint(
      pen,
      {
        ...counted,
        bands: box.bands > 0 ? counted.bands : null,
        drawn: moment,
        made: this.made,
        marks: this.#marks(moment),
        isLive,
        isReplay,
        isEndKnown: picture.run.ended_us !== null,
      },
      this.#palette,
    )
    this.#told(picture.seq)
  }

  /** Leaves on the canvas which line of the trace was drawn last. */
  #told(seq: number): void {
    const drawn = String(seq)
    if (this.#canvas.dataset.drawn !== drawn) this.#canvas.dataset.drawn = drawn
  }

  #marks(drawn: Drawn) {
    const { made, lanes } = this
    if (!made) return []
    const mark = (bar: number, kind: 'selected' | 'pointed') => {
      const at = bar < 0 ? null : rectOf(drawn, lanes, made, bar)
      return at ? [{ ...at, kind }] : []
    }
    return [
      ...mark(this.#pointed, 'pointed'),
      ...(this.#selected ? barsOf(drawn, this.#selected) : []).flatMap((bar) =>
        mark(bar, 'selected'),
      ),
    ]
  }

  /** Figures and overviews: counted when something changed, not more often than they are read. */
  #count(moment: Moment): Counted {
    const { version, now_us, isLive, isReplay } = moment
    const at_ms = performance.now()
    const reach = this.axis ? this.whole().t1 : ''
    const key = `${version} ${isReplay ? Math.round(now_us / 50_000) : ''} ${isLive} ${this.#size.width} ${reach}`
    const was = this.#counted
    if (was && (was.key === key || (isLive && at_ms < was.until_ms))) {
      was.bands = this.#bandsIn(moment, was, at_ms)
      return was
    }
    const room = this.#size.width - (this.isPhone ? 0 : GUTTER_PX) - 12
    this.#counted = {
      until_ms: 0,
      key,
      overview: this.#overviewOf(moment, Math.max(8, Math.floor(room / 2))),
      facts: factsOf(toldIn(moment), this.lanes, now_us, isLive || isReplay),
      bands: null,
      inFlight: inFlight(moment, now_us),
    }
    this.#counted.bands = this.#bandsIn(moment, null, at_ms)
    const took_ms = performance.now() - at_ms
    this.#counted.until_ms = at_ms + Math.max(COUNT_MS, took_ms / COUNT_SHARE)
    return this.#counted
  }

  /** The same as long as nothing was told: where a replay stands changes nothing in it. */
  #overviewOf({ picture, version }: Moment, bins: number): Overview {
    const { t0, t1 } = this.whole()
    const key = `${version} ${t0} ${t1} ${bins}`
    if (this.#seenWhole?.key !== key || this.#seenWhole.picture !== picture)
      this.#seenWhole = { key, picture, overview: overview(picture, t0, t1, bins) }
    return this.#seenWhole.overview
  }

  /** Bands are counted over a stretch around the view, and anew only when the view leaves it. */
  #bandsIn({ picture, now_us, isReplay }: Moment, was: Counted | null, at_ms: number): Bands {
    const view = this.#view()
    const span = view.t1 - view.t0
    const known = was?.bands
    const fits =
      known &&
      view.t0 >= known.from_us &&
      view.t1 <= known.to_us &&
      span * 6 > known.to_us - known.from_us
    const isFresh = at_ms - this.#banded_ms < COUNT_MS
    if (known && (fits || isFresh) && !isReplay) return known
    this.#banded_ms = at_ms
    return bandsOf(picture, view.t0 - span, view.t1 + span, now_us, this.#limits)
  }
}

/** What is counted beside the bars, and what it was counted from. */
interface Counted {
  /** How long it is good enough while the run is live. */
  until_ms: number
  key: string
  overview: Overview
  facts: Map<string, GroupFacts>
  bands: Bands | null
  inFlight: number
}

function inFlight({ picture }: Drawn, now_us: number): number {
  let count = 0
  for (let row = 0; row < picture.attempts.rows; row += 1) {
    if (isInFlight(picture, row, now_us)) count += 1
  }
  return count
}

function firstOf({ picture }: Drawn): number {
  let first = 0
  for (let row = 0; row < Math.min(MOST_FIRST, picture.attempts.rows); row += 1) {
    const start = startOf(picture, row)
    if (start < first) first = start
  }
  for (let row = 0; row < Math.min(MOST_FIRST, picture.nodes.rows); row += 1)
    if (picture.nodes.started_us[row] < first) first = picture.nodes.started_us[row]
  return first
}
