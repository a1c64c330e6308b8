// Package wall stands between a unit test and the Go function that it tests: values cross as bytes on descriptor 3.
//
// A frame is four bytes of length and its content. A request holds the arguments; an answer is 'v' with the
// results, or 'x' with the text of a panic. The side of the test trusts no byte of an answer.
package wall

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"reflect"
	"sync"
)

const maxBytes = 8 << 20 // of a frame

// How the process of a test ends.
const (
	failed   = 10
	raised   = 11
	vacuous  = 12
	gone     = 13
	protocol = 14
)

var wall = os.NewFile(3, "wall")

func send(content []byte) error {
	frame := binary.BigEndian.AppendUint32(nil, uint32(len(content)))
	_, err := wall.Write(append(frame, content...))
	return err
}

func receive() ([]byte, error) {
	var header [4]byte
	if _, err := io.ReadFull(wall, header[:]); err != nil {
		return nil, err
	}
	size := binary.BigEndian.Uint32(header[:])
	if size > maxBytes {
		return nil, errLarge
	}
	content := make([]byte, size)
	_, err := io.ReadFull(wall, content)
	return content, err
}

var errLarge = fmt.Errorf("a frame of more than 8 MiB")

// The side of the test.

var calls int
var turn sync.Mutex // a test may call from several goroutines

// StandIn is a function of type F, each call of which is answered by the other side.
func StandIn[F any]() F {
	kind := reflect.TypeOf((*F)(nil)).Elem()
	function := reflect.MakeFunc(kind, func(arguments []reflect.Value) []reflect.Value {
		turn.Lock()
		defer turn.Unlock()
		return call(kind, arguments)
	})
	return function.Interface().(F)
}

// Leave ends the process of a test: it passes when the test did, after at least one call.
func Leave(passed bool) {
	switch {
	case !passed:
		os.Exit(failed)
	case calls == 0:
		leave(vacuous, "the test never called the function")
	}
	os.Exit(0)
}

func leave(status int, detail any) {
	fmt.Fprintln(os.Stderr, detail)
	os.Exit(status)
}

func call(kind reflect.Type, arguments []reflect.Value) (results []reflect.Value) {
	calls++
	out := &writer{}
	for _, argument := range arguments {
		out.put(argument, 0)
	}
	if err := send(out.bytes); err != nil {
		leave(gone, err)
	}
	answer, err := receive()
	if err == errLarge {
		leave(protocol, err)
	} else if err != nil {
		leave(gone, err)
	}
	defer func() { // an answer that is no value of its type
		if reason := recover(); reason != nil {
			leave(protocol, reason)
		}
	}()
	in := &reader{answer}
	switch in.byte() {
	case 'x':
		leave(raised, string(in.bytes))
	case 'v':
		for i := 0; i < kind.NumOut(); i++ {
			results = append(results, in.take(kind.Out(i), 0))
		}
	default:
		panic("no kind of answer")
	}
	if len(in.bytes) > 0 {
		panic("bytes follow the value")
	}
	return results
}

// The side of the function.

// Serve answers calls of a function until the test is gone.
func Serve(function any) {
	value := reflect.ValueOf(function)
	for {
		request, err := receive()
		if err != nil || send(answer(value, request)) != nil {
			os.Exit(0)
		}
	}
}

func answer(function reflect.Value, request []byte) (content []byte) {
	defer func() {
		if reason := recover(); reason != nil {
			content = append([]byte{'x'}, described(reason)...)
		}
	}()
	in, kind := &reader{request}, function.Type()
	var arguments []reflect.Value
	for i := 0; i < kind.NumIn(); i++ {
		arguments = append(arguments, in.take(kind.In(i), 0))
	}
	call := function.Call
	if kind.IsVariadic() {
		call = function.CallSlice
	}
	out := &writer{}
	out.byte('v')
	for _, result := range call(arguments) {
		out.put(result, 0)
	}
	return out.bytes
}

func described(reason any) (text string) {
	defer func() {
		if recover() != nil {
			text = "a panic without a text"
		}
	}()
	text = fmt.Sprint(reason)
	if len(text) > 200 {
		text = text[:200]
	}
	return text
}
