package spoftest

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
)

// sideBySide has the labs of this process. A lab takes about a processor while it starts, and on an overloaded machine its mechanisms miss
// their times.
var sideBySide = turns{most: func() int { return runtime.GOMAXPROCS(0) }}

// turns bounds the labs that tests hold side by side. A test that holds labs itself never waits for them, nor does a subtest for those of the
// test around it: tests that start several labs do not block each other for ever.
type turns struct {
	most func() int

	mu   sync.Mutex
	labs map[*shared]string // the name of the test that holds it
	left chan struct{}      // closed when the next lab has ended; nil: nobody waits
}

// anyTest holds the labs of a TestMain, which every test may use.
const anyTest = ""

// holderOf is the name by which a test holds a lab.
func holderOf(t T) string {
	if _, whole := t.(*suite); whole {
		return anyTest
	}
	return t.Name()
}

// take counts a lab of a test. While labs of other tests take all room, it waits, and says so once.
func (q *turns) take(ctx context.Context, lab *shared, test string, say func(string)) error {
	for told := false; ; told = true {
		left := q.enter(lab, test)
		if left == nil {
			return nil
		}
		if !told {
			say(fmt.Sprintf("waiting for a turn: %d labs of other tests are up, as many as GOMAXPROCS (go test -cpu changes it)", q.most()))
		}
		select {
		case <-left:
		case <-ctx.Done():
			return fmt.Errorf("waiting for a turn: %w", context.Cause(ctx))
		}
	}
}

// enter counts a lab and returns nil, or returns a channel that is closed when the next lab has ended.
func (q *turns) enter(lab *shared, test string) (left <-chan struct{}) {
	q.mu.Lock()
	defer q.mu.Unlock()
	others := 0
	for _, holder := range q.labs {
		if !around(holder, test) {
			others++
		}
	}
	if test == anyTest || others < q.most() {
		if q.labs == nil {
			q.labs = map[*shared]string{}
		}
		q.labs[lab] = test
		return nil
	}
	if q.left == nil {
		q.left = make(chan struct{})
	}
	return q.left
}

// around reports whether the holder of a lab is the test itself, a test around it, or a TestMain.
func around(holder, test string) bool {
	return holder == anyTest || holder == test || strings.HasPrefix(test, holder+"/")
}

// leave ends the turn of a lab; it may have none.
func (q *turns) leave(lab *shared) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.labs, lab)
	if q.left != nil {
		close(q.left)
		q.left = nil
	}
}
