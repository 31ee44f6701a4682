using NexusGen.ShapesWorld;
using NexusGen.ShapesWorld.Rendering;

namespace NexusGen.Tests.ShapesWorld;

/// <summary>Scenes and decoder-like degradations drawn by dice.</summary>
internal static class RandomScenes
{
    public static Scene Draw(Dice dice, bool jitter = true)
    {
        int[] cells = [.. Enumerable.Range(0, Cell.Count)];
        dice.Shuffle<int>(cells);
        int count = dice.Between(1, Scene.MaxObjects);
        int reach = jitter ? SceneObject.MaxJitter : 0;
        return new Scene(dice.Any<Background>(), cells.Take(count).Select(cell => new SceneObject(
            dice.Any<Shape>(), dice.Any<Colour>(), dice.Any<ObjectSize>(), Cell.At(cell),
            dice.Between(-reach, reach), dice.Between(-reach, reach))).ToList());
    }

    /// <summary>A degradation at most as strong as the judge promises to bear.</summary>
    public static Degradation Degrade(Dice dice) => new(
        ShiftX: 4 * dice.Unit() - 2,
        ShiftY: 4 * dice.Unit() - 2,
        BlurSigma: dice.Chance(0.2) ? 0 : dice.Unit(),
        ColourError: 30 * dice.Unit(),
        NoiseSigma: dice.Chance(0.2) ? 0 : 8 * dice.Unit());
}
