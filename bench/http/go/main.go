// The same jobs as bench/http/gyre, on Go's net/http.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
)

type message struct {
	ID   int    `json:"id"`
	Text string `json:"text"`
}

func main() {
	chunk := make([]byte, 64*1024)
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		io.WriteString(w, "Hello, World!")
	})
	http.HandleFunc("/json/", func(w http.ResponseWriter, r *http.Request) {
		id, err := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/json/"))
		if err != nil {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(message{id, "Hello, World!"})
	})
	http.HandleFunc("/upload", func(w http.ResponseWriter, r *http.Request) {
		bytes, _ := io.Copy(io.Discard, r.Body)
		fmt.Fprint(w, bytes)
	})
	http.HandleFunc("/download", func(w http.ResponseWriter, r *http.Request) {
		for i := 0; i < 16; i++ {
			w.Write(chunk)
		}
	})
	if err := http.ListenAndServe(os.Args[1], nil); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
