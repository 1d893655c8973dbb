package storetest

import (
	"fmt"
	"reflect"
	"time"
)

// filled are rows with every member set, those inside too, each to another value, so that one that a store forgets or mixes up shows: first
// with all flags set, then with each of them alone. It looks at the type: a member that is added later is filled as well.
func filled[T any]() []T {
	var rows []T
	for only, flags := 0, 0; only <= flags; only++ {
		var row T
		f := filler{only: only}
		f.fill(reflect.ValueOf(&row).Elem())
		rows, flags = append(rows, row), f.flags
	}
	return rows
}

type filler struct {
	values, flags int // given out so far
	only          int // the flag that is set; 0 for all
}

func (f *filler) fill(v reflect.Value) {
	f.values++
	n := f.values
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(start0.Add(time.Duration(n) * (time.Hour + time.Microsecond))))
	case v.Type() == reflect.TypeFor[time.Duration]():
		v.SetInt(int64(time.Duration(n) * (time.Minute + time.Microsecond)))
	case v.Kind() == reflect.String:
		v.SetString(fmt.Sprintf("Text-%d", n))
	case v.Kind() == reflect.Bool:
		f.flags++
		v.SetBool(f.only == 0 || f.only == f.flags)
	case v.CanInt():
		v.SetInt(int64(n))
	case v.CanUint():
		v.SetUint(uint64(n))
	default:
		f.fillInside(v)
	}
}

func (f *filler) fillInside(v reflect.Value) {
	const several = 2
	switch {
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem())
	case v.Kind() == reflect.Struct:
		for _, member := range v.Fields() {
			f.fill(member)
		}
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), several, several))
		for i := range several {
			f.fill(v.Index(i))
		}
	case v.Kind() == reflect.Array:
		for i := range v.Len() {
			f.fill(v.Index(i))
		}
	case v.Kind() == reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range several {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			f.fill(key)
			f.fill(value)
			v.SetMapIndex(key, value)
		}
	default:
		panic(fmt.Sprintf("storetest cannot fill a %s", v.Type())) // a fault of the suite
	}
}
