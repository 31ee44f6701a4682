namespace NexusGen.Worlds.Things.Judging;

/// <summary>The background of a picture.</summary>
/// <param name="Nearest">The background of the catalogue that differs least from the picture.</param>
/// <param name="IsLike">Whether the picture's is like it.</param>
/// <param name="Ground">The background as the picture has it: moved, blurred and with its cast of colour.</param>
/// <param name="Difference">The picture's difference from it.</param>
/// <param name="Noise">The mean of the squared differences where there is no thing.</param>
internal sealed record GroundReading(
    ThingBackground Nearest, bool IsLike, SmoothPicture Ground, SmoothPicture Difference, float Noise);
