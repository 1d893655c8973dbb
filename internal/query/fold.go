package query

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Values match in any case. The query's side is folded once, when it is parsed; the thing's side while it is read, without a copy.

func fold(text string) string { return strings.Map(unicode.ToLower, text) }

func foldGlyphs(g glyphs) glyphs {
	folded := make(glyphs, len(g))
	for i, r := range g {
		if folded[i] = r; r >= 0 {
			folded[i] = unicode.ToLower(r)
		}
	}
	return folded
}

// compareFolded orders a value of a thing and a folded text, character by character.
func compareFolded(value, folded string) int {
	for value != "" && folded != "" {
		v, size := firstFolded(value)
		f, folderSize := utf8.DecodeRuneInString(folded)
		if v != f {
			return int(v) - int(f)
		}
		value, folded = value[size:], folded[folderSize:]
	}
	return len(value) - len(folded)
}

// firstFolded is the first character of a value that is not empty, folded, and its length in bytes.
func firstFolded(value string) (r rune, size int) {
	if c := value[0]; c < utf8.RuneSelf {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		return rune(c), 1
	}
	r, size = utf8.DecodeRuneInString(value)
	return unicode.ToLower(r), size
}

// cutWord returns the first word of a value and what follows it; no word is left when it is empty.
func cutWord(value string) (first, rest string) {
	value = strings.TrimLeftFunc(value, isSpace)
	if end := strings.IndexFunc(value, isSpace); end >= 0 {
		return value[:end], value[end:]
	}
	return value, ""
}

// match tells whether folded glyphs match the whole of a word. When a star was followed by the wrong characters, only the last star is
// tried again one character later, so the time is at most the product of the lengths.
func (g glyphs) match(word string) bool {
	at, retryAt, retryWord := 0, -1, ""
	for word != "" || at < len(g) {
		r, size := rune(0), 0
		if word != "" {
			r, size = firstFolded(word)
		}
		switch {
		case at < len(g) && g[at] == star:
			at++
			retryAt, retryWord = at, word
		case at < len(g) && word != "" && (g[at] == r || g[at] == one):
			at++
			word = word[size:]
		case retryAt >= 0 && retryWord != "":
			_, skip := firstFolded(retryWord)
			retryWord = retryWord[skip:]
			at, word = retryAt, retryWord
		default:
			return false
		}
	}
	return true
}
