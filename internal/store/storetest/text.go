package storetest

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"iotjobs/internal/jobs"
	"iotjobs/internal/store"
)

// text renders an answer, every exported member of it. Two answers are equal exactly if their texts are: nil and empty maps and lists are
// one, times are instants, members that are zero are left out.
func text(answer any) string {
	var b strings.Builder
	render(&b, reflect.ValueOf(answer))
	return b.String()
}

func render(b *strings.Builder, v reflect.Value) {
	switch {
	case !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil():
		b.WriteString("none")
	case v.Kind() == reflect.Pointer:
		render(b, v.Elem())
	case v.Type() == reflect.TypeFor[time.Time]():
		b.WriteString(v.Interface().(time.Time).UTC().Format(time.RFC3339Nano))
	case v.Type() == reflect.TypeFor[store.ThingView]():
		renderMembers(b, reflect.ValueOf(canonicalView(v.Interface().(store.ThingView))))
	case v.Kind() == reflect.Struct:
		renderMembers(b, v)
	case v.Kind() == reflect.Map:
		renderMap(b, v)
	case v.Type() == reflect.TypeFor[[]byte]():
		fmt.Fprintf(b, "%q", v.Bytes())
	case v.Kind() == reflect.Slice || v.Kind() == reflect.Array:
		b.WriteByte('[')
		for i := range v.Len() {
			separate(b, i)
			render(b, v.Index(i))
		}
		b.WriteByte(']')
	default:
		renderPlain(b, v)
	}
}

func renderMembers(b *strings.Builder, v reflect.Value) {
	b.WriteByte('{')
	written := 0
	for i := range v.NumField() {
		if zero(v.Field(i)) {
			continue
		}
		separate(b, written)
		b.WriteString(v.Type().Field(i).Name + ":")
		render(b, v.Field(i))
		written++
	}
	b.WriteByte('}')
}

func zero(v reflect.Value) bool {
	if t, ok := reflect.TypeAssert[time.Time](v); ok {
		return t.IsZero()
	}
	return v.IsZero() || (v.Kind() == reflect.Slice || v.Kind() == reflect.Map) && v.Len() == 0
}

func renderMap(b *strings.Builder, v reflect.Value) {
	var entries []string
	for key, value := range v.Seq2() {
		entries = append(entries, text(key.Interface())+":"+text(value.Interface()))
	}
	slices.Sort(entries)
	b.WriteString("{" + strings.Join(entries, " ") + "}")
}

func renderPlain(b *strings.Builder, v reflect.Value) {
	switch {
	case v.Kind() == reflect.String:
		fmt.Fprintf(b, "%q", v.String())
	case v.Kind() == reflect.Bool:
		fmt.Fprint(b, v.Bool())
	case v.CanInt():
		fmt.Fprint(b, v.Int())
	case v.CanUint():
		fmt.Fprint(b, v.Uint())
	default:
		panic(fmt.Sprintf("storetest cannot render %s", v.Type())) // a fault of the suite
	}
}

func separate(b *strings.Builder, i int) {
	if i > 0 {
		b.WriteByte(' ')
	}
}

// canonicalView leaves out what the contract leaves open: jobs in Jobs that no execution of the view belongs to.
func canonicalView(v store.ThingView) store.ThingView {
	known := map[jobs.JobNumber]*jobs.Job{}
	for _, e := range v.Pending {
		known[e.Job] = v.Jobs[e.Job]
	}
	for _, a := range v.Addressed {
		if a.Execution != nil {
			known[a.Execution.Job] = v.Jobs[a.Execution.Job]
		}
	}
	v.Jobs = known
	return v
}

// firstDifference shows the first line in which two texts differ.
func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(g), len(w)) {
		var a, b string
		if i < len(g) {
			a = g[i]
		}
		if i < len(w) {
			b = w[i]
		}
		if a != b {
			return fmt.Sprintf("line %d\n got %s\nwant %s", i+1, a, b)
		}
	}
	return "no difference"
}
