using NexusGen.Worlds.Core;
using NexusGen.Worlds.Rendering;

namespace NexusGen.Tests.Worlds.Things;

/// <summary>Wear as strong as the judge of things promises to bear.</summary>
internal static class ThingWear
{
    public static Degradation Draw(Dice dice) => new(
        ShiftX: 2 * dice.Unit() - 1,
        ShiftY: 2 * dice.Unit() - 1,
        BlurSigma: dice.Unit(),
        NoiseSigma: 8 * dice.Unit());
}
