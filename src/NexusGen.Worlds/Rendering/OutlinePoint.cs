namespace NexusGen.Worlds.Rendering;

/// <summary>A corner of an outline, in units of half an object's size.</summary>
/// <param name="X">To the right, −1 to 1.</param>
/// <param name="Y">Down, −1 to 1.</param>
public readonly record struct OutlinePoint(double X, double Y);
