#version 330
in float view_depth;
out float depth;

void main() { depth = view_depth; }
