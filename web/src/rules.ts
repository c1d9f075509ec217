/** The rule book as words: the packaged rules.toml, the same file that the server decides by. */
import book from '../../foundation/rulebook/rules.toml?raw'
import { currentLang, type Lang } from './i18n'

export interface RuleWords {
  id: string
  source: string
  mark: string
  zh: string
  en: string
}

/** Reads the flat subset of TOML that the rule book uses: `[id]` and `name = "text"`. */
export function readRules(text: string): Map<string, RuleWords> {
  const rules = new Map<string, RuleWords>()
  let rule: RuleWords | null = null
  for (const line of text.split('\n')) {
    const head = /^\[([A-Za-z0-9-]+)\]\s*$/.exec(line)
    const pair = /^(source|mark|zh|en)\s*=\s*("(?:[^"\\]|\\.)*")\s*$/.exec(line)
    if (head) rules.set(head[1]!, (rule = { id: head[1]!, source: '', mark: '', zh: '', en: '' }))
    else if (pair && rule) rule[pair[1] as 'source' | 'mark' | 'zh' | 'en'] = JSON.parse(pair[2]!) as string
  }
  return rules
}

const RULES = readRules(book)

/** What the rule says in the reader's language; its id when the book does not hold it. */
export function ruleSays(id: string, lang: Lang = currentLang()): string {
  const rule = RULES.get(id)
  return rule ? (lang === 'en' ? rule.en : rule.zh).replace(/[。.]$/, '') : id
}

/** Names of laws and circulars in plain English, longest first; the book itself names them in Chinese. */
const LAWS: readonly (readonly [string, string])[] = [
  ['连云港“两随机四不知”做法', 'Lianyungang practice of “two draws, four unknowns”'],
  ['国家发展改革委令第26号', 'Order No. 26 of the National Development and Reform Commission'],
  ['河北省远程异地评标管理办法（2025）', 'Hebei rules on remote evaluation (2025)'],
  ['国家发展改革委等七部委令第12号', 'Order No. 12 of seven ministries'],
  ['评标委员会和评标方法暂行规定', 'Interim Provisions on Evaluation Committees and Methods'],
  ['辽宁省平台功能要求（2025）', 'Liaoning requirements for platforms (2025)'],
  ['珠海、海南评标专家管理办法', 'Zhuhai and Hainan rules on evaluation experts'],
  ['评标专家和评标专家库管理办法', 'Measures on Evaluation Experts and Expert Pools'],
  ['地方公共资源交易监管部门的专家库清理通报', 'notices of local supervisors on clearing expert pools'],
  ['公共资源交易平台系统数据规范', 'Data Specification of Trading Platforms'],
  ['个人信息保护法', 'Personal Information Protection Law'],
  ['青海、北京、湖北评标评审专家记分办法', 'Qinghai, Beijing and Hubei rules on demerit points'],
  ['海南、文登等地评标专家劳务报酬办法', 'Hainan and Wendeng rules on the pay of experts'],
  ['山东省政府采购评审专家管理办法', 'Shandong rules on experts in government procurement'],
  ['北京市评标专家管理办法', 'Beijing rules on evaluation experts'],
  ['国办发〔2024〕21号', 'State Council Office circular No. 21 (2024)'],
  ['招标投标法实施条例', 'Implementing Regulation of the Tendering Law'],
  ['政府采购法实施条例', 'Implementing Regulation of the Government Procurement Law'],
  ['国办发〔2015〕63号', 'State Council Office circular No. 63 (2015)'],
  ['财库〔2016〕198号', 'Ministry of Finance circular No. 198 (2016)'],
  ['财政部令第87号', 'Ministry of Finance Order No. 87'],
  ['地方专家库管理办法', 'local rules on expert pools'],
  ['地方管理办法', 'local rules'],
  ['平台通行做法', 'common practice of platforms'],
  ['防止择时抽取', 'against drawing at a chosen moment'],
  ['防止变相指定', 'against disguised designation'],
  ['随机原则', ', principle of chance'],
  ['招标投标法', 'Tendering Law'],
  ['政府采购法', 'Government Procurement Law'],
  ['实施条例', 'Implementing Regulation'],
  ['产品规则', 'rule of this product'],
  ['依据', 'after '],
]
const DIGITS = '零一二三四五六七八九'
/** "四十六" → 46; numerals up to 99. */
function numeral(text: string): number {
  const [tens, ones] = text.includes('十') ? text.split('十') : ['', text]
  return (text.includes('十') ? DIGITS.indexOf(tens || '一') * 10 : 0) + (ones ? DIGITS.indexOf(ones) : 0)
}
/** A source of the rule book in English: law, article, paragraph, item. */
export function sourceInEnglish(source: string): string {
  const named = LAWS.reduce((text, [zh, en]) => text.replaceAll(zh, en), source)
  const list = (numbers: string): string => numbers.split('、').map(numeral).join(' and ')
  return named
    .replace(/第（?([一二三四五六七八九十、]+)）?条/g, (_, n: string) => ` Art. ${list(n)}`)
    .replace(/第([一二三四五六七八九十、]+)款/g, (_, n: string) => `(${list(n)})`)
    .replace(/第（?([一二三四五六七八九十]+)）?项/g, (_, n: string) => ` item ${numeral(n)}`)
    .replaceAll('至', ' to').replaceAll('；', '; ').replaceAll('，', ', ').replaceAll('、', ', ').replaceAll(' ,', ',').replace(/ {2,}/g, ' ')
    .trim()
}

/** Every source of the book, for those who check that all of them can be said in English. */
export const allSources = (): string[] => [...RULES.values()].map((rule) => rule.source)

/** Where the rule comes from, with its id. */
export function ruleSource(id: string, lang: Lang = currentLang()): string {
  const rule = RULES.get(id)
  return rule ? `${lang === 'en' ? sourceInEnglish(rule.source) : rule.source} · ${id}` : id
}

/** The rule and where it comes from, in one line. */
export function ruleWithSource(id: string, lang: Lang = currentLang()): string {
  return lang === 'en' ? `${ruleSays(id, lang)} (${ruleSource(id, lang)})` : `${ruleSays(id, lang)}（${ruleSource(id, lang)}）`
}
