package wall

import (
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
)

const (
	maxDepth = 1000 // of a value
	maxTypes = 16   // of a type within types
)

// Values as bytes.

type writer struct{ bytes []byte }

func (w *writer) byte(one byte) { w.bytes = append(w.bytes, one) }

func (w *writer) number(value uint64) { w.bytes = binary.BigEndian.AppendUint64(w.bytes, value) }

func (w *writer) put(value reflect.Value, depth int) {
	if depth > maxDepth || len(w.bytes) > maxBytes {
		panic("a value that is too deep or too large does not cross the wall")
	}
	switch kind := value.Kind(); {
	case kind == reflect.Bool:
		w.byte(map[bool]byte{false: 0, true: 1}[value.Bool()])
	case value.CanInt():
		w.number(uint64(value.Int()))
	case value.CanUint():
		w.number(value.Uint())
	case value.CanFloat():
		w.number(math.Float64bits(value.Float()))
	case value.CanComplex():
		w.number(math.Float64bits(real(value.Complex())))
		w.number(math.Float64bits(imag(value.Complex())))
	case kind == reflect.String:
		w.number(uint64(value.Len()))
		w.bytes = append(w.bytes, value.String()...)
	case kind == reflect.Array:
		w.elements(value, depth)
	case isNil(value):
		w.byte(0)
	default:
		w.byte(1)
		w.putNillable(value, depth)
	}
}

func isNil(value reflect.Value) bool {
	switch value.Kind() {
	case reflect.Slice, reflect.Map, reflect.Pointer, reflect.Interface:
		return value.IsNil()
	}
	panic(fmt.Sprintf("a value of type %s does not cross the wall", value.Type()))
}

func (w *writer) putNillable(value reflect.Value, depth int) {
	switch value.Kind() {
	case reflect.Slice:
		w.number(uint64(value.Len()))
		w.elements(value, depth)
	case reflect.Map:
		w.number(uint64(value.Len()))
		for pairs := value.MapRange(); pairs.Next(); {
			w.put(pairs.Key(), depth+1)
			w.put(pairs.Value(), depth+1)
		}
	case reflect.Pointer:
		w.put(value.Elem(), depth+1)
	case reflect.Interface:
		w.putType(value.Elem().Type(), 0)
		w.put(value.Elem(), depth+1)
	}
}

func (w *writer) elements(value reflect.Value, depth int) {
	for i := 0; i < value.Len(); i++ {
		w.put(value.Index(i), depth+1)
	}
}

var basic = map[reflect.Kind]reflect.Type{}

func init() {
	for _, example := range []any{
		false, 0, int8(0), int16(0), int32(0), int64(0), uint(0), uint8(0), uint16(0), uint32(0), uint64(0),
		float32(0), float64(0), complex64(0), complex128(0), "",
	} {
		basic[reflect.TypeOf(example).Kind()] = reflect.TypeOf(example)
	}
}

var anything = reflect.TypeOf((*any)(nil)).Elem()

func (w *writer) putType(kind reflect.Type, depth int) {
	if depth > maxTypes || (kind.PkgPath() != "") || (kind.Kind() == reflect.Interface && kind != anything) {
		panic(fmt.Sprintf("a value of type %s does not cross the wall", kind))
	}
	w.byte(byte(kind.Kind()))
	switch kind.Kind() {
	case reflect.Array:
		w.number(uint64(kind.Len()))
		w.putType(kind.Elem(), depth+1)
	case reflect.Slice, reflect.Pointer:
		w.putType(kind.Elem(), depth+1)
	case reflect.Map:
		w.putType(kind.Key(), depth+1)
		w.putType(kind.Elem(), depth+1)
	}
}

type reader struct{ bytes []byte }

func (r *reader) raw(size int) []byte {
	if size < 0 || size > len(r.bytes) {
		panic("it ends too early")
	}
	taken := r.bytes[:size]
	r.bytes = r.bytes[size:]
	return taken
}

func (r *reader) byte() byte { return r.raw(1)[0] }

func (r *reader) number() uint64 { return binary.BigEndian.Uint64(r.raw(8)) }

func (r *reader) size() int {
	size := r.number()
	if size > uint64(len(r.bytes)) {
		panic("it announces more than it holds")
	}
	return int(size)
}

func (r *reader) take(kind reflect.Type, depth int) reflect.Value {
	if depth > maxDepth {
		panic("a value that is too deep")
	}
	value := reflect.New(kind).Elem()
	switch {
	case kind.Kind() == reflect.Bool:
		value.SetBool(r.byte() != 0)
	case value.CanInt():
		value.SetInt(int64(r.number()))
	case value.CanUint():
		value.SetUint(r.number())
	case value.CanFloat():
		value.SetFloat(math.Float64frombits(r.number()))
	case value.CanComplex():
		real := math.Float64frombits(r.number())
		value.SetComplex(complex(real, math.Float64frombits(r.number())))
	case kind.Kind() == reflect.String:
		value.SetString(string(r.raw(r.size())))
	case kind.Kind() == reflect.Array:
		r.elements(value, depth)
	case r.byte() != 0:
		r.takeNillable(value, depth)
	}
	return value
}

func (r *reader) takeNillable(value reflect.Value, depth int) {
	kind := value.Type()
	switch kind.Kind() {
	case reflect.Slice:
		size := r.size()
		value.Set(reflect.MakeSlice(kind, size, size))
		r.elements(value, depth)
	case reflect.Map:
		value.Set(reflect.MakeMap(kind))
		for size := r.size(); size > 0; size-- {
			key := r.take(kind.Key(), depth+1)
			value.SetMapIndex(key, r.take(kind.Elem(), depth+1))
		}
	case reflect.Pointer:
		value.Set(reflect.New(kind.Elem()))
		value.Elem().Set(r.take(kind.Elem(), depth+1))
	case reflect.Interface:
		value.Set(r.take(r.takeType(0), depth+1))
	default:
		panic(fmt.Sprintf("a value of type %s does not cross the wall", kind))
	}
}

func (r *reader) elements(value reflect.Value, depth int) {
	for i := 0; i < value.Len(); i++ {
		value.Index(i).Set(r.take(value.Type().Elem(), depth+1))
	}
}

func (r *reader) takeType(depth int) reflect.Type {
	if depth > maxTypes {
		panic("a type that is too deep")
	}
	kind := reflect.Kind(r.byte())
	switch kind {
	case reflect.Array:
		size := r.size()
		return reflect.ArrayOf(size, r.takeType(depth+1))
	case reflect.Slice:
		return reflect.SliceOf(r.takeType(depth + 1))
	case reflect.Pointer:
		return reflect.PointerTo(r.takeType(depth + 1))
	case reflect.Map:
		key := r.takeType(depth + 1)
		return reflect.MapOf(key, r.takeType(depth+1))
	case reflect.Interface:
		return anything
	}
	if basic[kind] == nil {
		panic("a type of no kind")
	}
	return basic[kind]
}
