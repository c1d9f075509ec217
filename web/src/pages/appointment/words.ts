/** What an application claims, in words: a specialty by name, a title, a region. */
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import type { Refusal } from '@/api/client'
import { refusalWords } from '@/words'
import { bare, useClassification } from '../applicant/classification'
import { useProvinces } from '../provinces'

export interface ClaimWords { kind: 'title' | 'region' | 'specialty'; code: string; name: string }

export function useClaims() {
  const { classification } = useClassification()
  const provinces = useProvinces()
  const regions = computed(() => new Map(provinces.value.map((one) => [one.code, one.name])))
  function claimed(claim: string): ClaimWords {
    const value = claim.slice(claim.indexOf(':') + 1)
    if (claim.startsWith('title:')) return { kind: 'title', code: '', name: value }
    if (claim.startsWith('region:')) return { kind: 'region', code: value, name: regions.value.get(value) ?? value }
    return { kind: 'specialty', code: bare(claim), name: classification.value?.byCode.get(claim)?.name ?? '' }
  }
  return { claimed, regions, provinces, classification }
}

/** A field that cannot be taken says why in the words of that reason, and is called as the form calls it. */
export function useFieldWords() {
  const { t, te, locale } = useI18n()
  return (refusal: Refusal): Refusal => {
    void locale.value
    if (refusal.code !== 'appointment.field_unfit') return refusal
    const { field, reason } = refusal.facts as { field: string; reason: string }
    const words = refusalWords(reason, {})
    const name = te(`appointment.field.${field}`) ? t(`appointment.field.${field}`) : field
    return Object.assign(Object.create(Object.getPrototypeOf(refusal) as object), refusal, { facts: { field: name, reason: words?.sentence.replace(/[。.]$/, '') ?? reason } }) as Refusal
  }
}
