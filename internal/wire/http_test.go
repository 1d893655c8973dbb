package wire_test

import (
	"net/http/httptest"
	"testing"

	"iotjobs/internal/wire"
)

func TestWriteError(t *testing.T) {
	w := httptest.NewRecorder()
	wire.WriteError(w, wire.Exception{Type: "ThrottlingException", Status: 429}, wire.ErrorReply{Message: "slow <down>"})
	if got, want := w.Body.String(), `{"message":"slow <down>"}`; w.Code != 429 || got != want {
		t.Errorf("got %d %s, want 429 %s", w.Code, got, want)
	}
	for name, want := range map[string]string{"X-Amzn-ErrorType": "ThrottlingException", "Content-Type": "application/json", "Content-Length": "25"} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

// TestWriteJSONFails: a document that cannot be encoded is an internal error, not half an answer.
func TestWriteJSONFails(t *testing.T) {
	w := httptest.NewRecorder()
	wire.WriteJSON(w, 200, map[string]any{"a": 1, "b": func() {}})
	if w.Code != 500 || w.Header().Get("X-Amzn-ErrorType") != "InternalServerException" {
		t.Errorf("got %d %s %s", w.Code, w.Header().Get("X-Amzn-ErrorType"), w.Body)
	}
}
