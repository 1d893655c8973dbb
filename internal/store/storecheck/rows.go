package storecheck

import (
	"cmp"
	"context"
	"fmt"
	"iter"
)

// rows goes through a list of the contract page by page. A row that is not behind the one before it is an error: so a list that does not
// move on ends, too.
func rows[K comparable, R any](
	ctx context.Context, list func(after K, limit int) ([]R, error), key func(R) K, order func(a, b K) int,
) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		var after, beginning K
		for {
			page, err := list(after, pageSize)
			if err == nil {
				err = ctx.Err()
			}
			for _, row := range page {
				if at := key(row); after == beginning || order(after, at) < 0 {
					after = at
				} else if err == nil {
					err = fmt.Errorf("%v is listed behind %v", at, after)
				}
				if err != nil {
					break
				}
				if !yield(row, nil) {
					return
				}
			}
			if err != nil {
				var none R
				yield(none, err)
				return
			}
			if len(page) < pageSize {
				return
			}
		}
	}
}

func itself[K any](key K) K { return key }

func ascending[K cmp.Ordered](a, b K) int { return cmp.Compare(a, b) }

func descending[K cmp.Ordered](a, b K) int { return cmp.Compare(b, a) }

// part is a list that shows a part of the rows of another one, in the same order.
type part[K comparable, R any] struct {
	key   func(R) K
	order func(a, b K) int
	next  func() (R, error, bool)
	stop  func()
	// first is the first row that was not passed; it is there unless ended.
	first R
	ended bool
}

// openPart must be closed with stop.
func openPart[K comparable, R any](
	ctx context.Context, list func(after K, limit int) ([]R, error), key func(R) K, order func(a, b K) int,
) (*part[K, R], error) {
	p := &part[K, R]{key: key, order: order}
	p.next, p.stop = iter.Pull2(rows(ctx, list, key, order))
	return p, p.advance()
}

func (p *part[K, R]) advance() error {
	row, err, more := p.next()
	p.first, p.ended = row, !more || err != nil
	return err
}

// pass goes past a row of the other list and tells whether it is in this one. The rows before it are in this one alone.
func (p *part[K, R]) pass(key K, alone func(R)) (there bool, err error) {
	for !p.ended && p.order(p.key(p.first), key) < 0 {
		alone(p.first)
		if err := p.advance(); err != nil {
			return false, err
		}
	}
	if p.ended || p.key(p.first) != key {
		return false, nil
	}
	return true, p.advance()
}

// end goes to the end.
func (p *part[K, R]) end(alone func(R)) error {
	for !p.ended {
		alone(p.first)
		if err := p.advance(); err != nil {
			return err
		}
	}
	return nil
}
