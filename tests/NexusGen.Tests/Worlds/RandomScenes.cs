using NexusGen.Worlds.Core;
using NexusGen.Worlds.Rendering;
using NexusGen.Worlds.Scenes;

namespace NexusGen.Tests.Worlds;

/// <summary>Jittered scenes, and wear as strong as the judge promises to bear, drawn by dice.</summary>
internal static class RandomScenes
{
    public static Scene Draw(Dice dice) => SceneSampler.Jitter(SceneSampler.Draw(dice), dice);

    public static Degradation Wear(Dice dice) => new(
        ShiftX: (4 * dice.Unit()) - 2,
        ShiftY: (4 * dice.Unit()) - 2,
        BlurSigma: dice.Unit(),
        ColourError: 30 * dice.Unit(),
        NoiseSigma: 8 * dice.Unit());
}
