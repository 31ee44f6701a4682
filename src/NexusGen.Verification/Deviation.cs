namespace NexusGen.Verification;

/// <summary>How far one result is from what was expected.</summary>
/// <param name="What">Which result.</param>
/// <param name="Error">The relative error; for pictures the largest difference of a pixel over 255.</param>
/// <param name="Within">Whether the tolerance allows it.</param>
/// <param name="Where">Where it is largest, or what is wrong; empty where nothing is.</param>
public sealed record Deviation(string What, double Error, bool Within, string Where);
