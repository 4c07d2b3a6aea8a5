"""Engine `imnet`: one picture to a latent, the latent to an implicit field.

Chen and Zhang, "Learning Implicit Fields for Generative Shape Modeling", CVPR 2019, in its improved
version. networks: the layers. checkpoint: files to networks. picture: a cutout to the encoder's
input. latents: what is known of the training shapes' latents. field, engine: what the rest uses.
"""
