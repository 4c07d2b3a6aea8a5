#version 330
// One triangle that covers the picture, behind everything that was drawn.
void main() {
    vec2 corner = vec2((gl_VertexID << 1) & 2, gl_VertexID & 2);
    gl_Position = vec4(corner * 2.0 - 1.0, 0.99999, 1.0);
}
