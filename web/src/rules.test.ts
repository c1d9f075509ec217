import { describe, expect, it } from 'vitest'
import { allSources, ruleSource, sourceInEnglish } from './rules'

describe('sources of rules', () => {
  it('are all said in English, law and article', () => {
    expect(allSources().length).toBeGreaterThan(20)
    expect(allSources().map(sourceInEnglish).filter((one) => /[\u3000-\u9fff]/.test(one))).toEqual([])
  })

  it('keep the number of the article', () => {
    expect(sourceInEnglish('招标投标法第四十条；实施条例第四十九条')).toBe('Tendering Law Art. 40; Implementing Regulation Art. 49')
    expect(sourceInEnglish('招标投标法实施条例第四十六条；国办发〔2015〕63号第（八）条')).toBe('Implementing Regulation of the Tendering Law Art. 46; State Council Office circular No. 63 (2015) Art. 8')
    expect(sourceInEnglish('财政部令第87号第四十三条、第四十四条第二款')).toBe('Ministry of Finance Order No. 87 Art. 43, Art. 44(2)')
  })

  it('stay as the book has them in Chinese', () => {
    expect(ruleSource('R-SIZE-1', 'zh-CN')).toBe('招标投标法第三十七条 · R-SIZE-1')
  })
})
