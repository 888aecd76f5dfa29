module github.com/bufeomq/bufeo/test/bench

go 1.26.0
