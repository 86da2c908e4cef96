/**
 * What Outlook puts before the title of a meeting that its organiser cancelled, in the languages it speaks, and what people write there. In
 * published calendars nothing else says so: STATUS stays CONFIRMED (github.com/derekantrican/GAS-ICS-Sync/issues/218, June 2021).
 */
const WORDS = (
  'canceled cancelled cancellation abgesagt absage storniert entfällt annulé annulée annulation cancelado cancelada annullato annullata ' +
  'geannuleerd afgelast vervallen anulado anulada anulowane anulowano odwołane odwołano inställt inställd avbokad avbokat aflyst annulleret ' +
  'avlyst peruttu peruutettu zrušeno zrušené zrušeny törölve lemondva elmarad anulat anulată iptal otkazano odpovedano preklicano отменено ' +
  'отменена отменен скасовано отменя ακυρώθηκε ακυρωμένο atšaukta atcelts tühistatud cancel·lat cancel·lada dibatalkan dibatal ' +
  'キャンセル キャンセル済み 取消 已取消 취소됨 취소 בוטל مُلغى ملغاة ملغى'
).split(' ')
const PHRASES = ['iptal edildi', 'đã hủy', 'đã huỷ', 'bị hủy', 'ยกเลิกแล้ว', 'ยกเลิก', 'تم الإلغاء', 'لغو شده']

const known = new Set([...WORDS, ...PHRASES].map(plain))
const MAX_LENGTH = 100

/** `Canceled: Planning`, `Annulé : Planning`, `[CANCELLED] Planning`, `キャンセル済み：計画`. */
const PREFIX = /^(?:\[([^\][]{2,30})\]|\(([^()]{2,30})\)|([^:：[(]{2,30}?)\s*[:：])/u

/**
 * Whether a title begins with a word for "cancelled", as a mark before the title proper. By that alone nothing is cancelled: people write
 * such titles too. It counts where the time is shown as free besides, as Outlook shows what was cancelled.
 */
export function saysCancelled(title: string): boolean {
  const match = PREFIX.exec(title.slice(0, MAX_LENGTH).trimStart())
  const word = match?.[1] ?? match?.[2] ?? match?.[3] ?? ''
  return known.has(plain(word.trim()))
}

/** In lower case, in which a Turkish İ leaves a dot behind. */
function plain(word: string): string {
  return word.normalize('NFC').toLowerCase().replaceAll('\u0307', '')
}
