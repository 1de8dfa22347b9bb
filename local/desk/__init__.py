"""The desk: one web page on 127.0.0.1 that shows a running shop, and lets everybody in it act."""
