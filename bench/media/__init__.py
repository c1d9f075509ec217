"""`make bench-media`: what sound and picture cost, beside aiortc's own relay and Debian's Janus.

One test page (page.html) in one headless Chromium is all people of a room. It speaks to the bench
(front.py), which speaks to one engine at a time; each engine is a process of its own in a network
namespace (network.py), so that every packet crosses the same pair of interfaces:

ours.py     the project's forwarder, on uvloop, recording as the product does
relay.py    aiortc as it comes: RTCPeerConnection and MediaRelay
janus.py    Debian's Janus, plugin videoroom, default or with `event_loops = 1`
load.py     synthetic senders in place of Chromium, for many rooms on one core
lossy.py    a path between page and engine that loses datagrams, or is cut
"""
