"""Engine `triposr`: one picture to a triplane, the triplane to a density, with TripoSR's weights.

Tochilkin et al., "TripoSR: Fast 3D Object Reconstruction from a Single Image", 2024
(arXiv 2403.02151), after Hong et al., "LRM", ICLR 2024. Written anew, with torch alone.
preprocess: a cutout to the networks' picture. vit, attention, backbone, triplane, decoder: the
layers. network: all of them in the published layout, and the way through. weights_flow: which
layers' weights are in memory when. checkpoint, convert: files. field, framing, engine: what the
rest uses.
"""
