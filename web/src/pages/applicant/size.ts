/** Height of an element as it stands on the screen, for a virtual list that fills its panel. */
import { onScopeDispose, ref, watch, type Ref } from 'vue'

export function useElementSize(element: Readonly<Ref<HTMLElement | null>>): Ref<number> {
  const height = ref(0)
  const observer = new ResizeObserver(([entry]) => {
    if (entry) height.value = Math.floor(entry.contentRect.height)
  })
  watch(element, (now, _before, onCleanup) => {
    if (!now) return
    observer.observe(now)
    onCleanup(() => observer.unobserve(now))
  }, { immediate: true, flush: 'post' })
  onScopeDispose(() => observer.disconnect())
  return height
}
