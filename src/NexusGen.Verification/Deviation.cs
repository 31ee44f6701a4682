namespace NexusGen.Verification;

/// <summary>The deviation of one result from the expected one.</summary>
/// <param name="What">The name of the result.</param>
/// <param name="Error">The relative error; for images, the largest difference of a pixel value divided by 255.</param>
/// <param name="Within">Whether the deviation is within the tolerance.</param>
/// <param name="Where">The location of the largest error, or what is wrong; empty if the results are equal.</param>
public sealed record Deviation(string What, double Error, bool Within, string Where);
