package policy

import (
	"bytes"
	"encoding/base64"
	"fmt"
)

// binaryTest compares bytes. Both sides are written in base64: the policy's, and the request's as AWS's example shows it.
type binaryTest struct{ want []byte }

func (t binaryTest) holds(value string, _ Context) bool {
	got, err := base64.StdEncoding.DecodeString(value)
	return err == nil && bytes.Equal(got, t.want)
}

func addBinary(c *condition, value string, _ *parser) error {
	want, err := base64.StdEncoding.DecodeString(value)
	if err != nil {
		return fmt.Errorf("must be base64, not %s", quote(value))
	}
	c.tests = append(c.tests, binaryTest{want})
	return nil
}
