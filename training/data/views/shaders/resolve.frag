#version 330
// Four samples to a pixel with straight alpha.
uniform sampler2D samples;
out vec4 picture;

void main() {
    ivec2 first = ivec2(gl_FragCoord.xy) * 2;
    vec4 sum = texelFetch(samples, first, 0) + texelFetch(samples, first + ivec2(1, 0), 0)
             + texelFetch(samples, first + ivec2(0, 1), 0) + texelFetch(samples, first + 1, 0);
    picture = vec4(sum.rgb / max(sum.a, 1.0), sum.a * 0.25);
}
