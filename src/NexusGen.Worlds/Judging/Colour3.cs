using NexusGen.Worlds.Scenes;

namespace NexusGen.Worlds.Judging;

/// <summary>A colour as a vector of floats, 0 to 255.</summary>
internal readonly record struct Colour3(float R, float G, float B)
{
    public float Length => MathF.Sqrt(Dot(this, this));

    public static Colour3 operator -(Colour3 a, Colour3 b) => new(a.R - b.R, a.G - b.G, a.B - b.B);

    public static Colour3 operator +(Colour3 a, Colour3 b) => new(a.R + b.R, a.G + b.G, a.B + b.B);

    public static Colour3 operator *(float factor, Colour3 a) => new(factor * a.R, factor * a.G, factor * a.B);

    public static Colour3 From(Rgb colour) => new(colour.R, colour.G, colour.B);

    public static float Dot(Colour3 a, Colour3 b) => a.R * b.R + a.G * b.G + a.B * b.B;

    public static float Distance(Colour3 a, Colour3 b) => (a - b).Length;
}
