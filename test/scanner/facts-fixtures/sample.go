package main
import "fmt"
import (
	x "os"
	. "io/ioutil"
)
const A = 1
const (
	B, C = iota, 2
	D
)
var v, w int = 1, 2
var ( z = func(a int) int { return a } )
type T struct { a, b int; *Emb; c func() `json:"x"`; n struct { q int } }
type I interface { M(a int) error; Emb; ~int | string }
type Al = int
type F func(a int)
type ( G[T any] struct { x T } )
func f(a, b int, c ...string) (x int, err error) {
	if x := 1; x > 1 && y { } else if y { } else { }
	for i := range x { }
	switch x { case 1, 2: default: }
	switch y := x.(type) { case int: }
	select { case <-c: default: }
	go func() { if a { } }()
L:	for { break L; goto L; continue }
	type local struct { lf int }
	return
}
func (t *T) M(a int) error { return nil }
func (G[T]) N() { }
