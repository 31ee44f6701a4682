using NexusGen.Worlds.Core;
using NexusGen.Worlds.Scenes;

namespace NexusGen.Worlds.Things.Scenes;

/// <summary>
/// Draws scenes of things by chance: any number of things, every class, size, place and background alike. One in four has its
/// natural look, the others have any colour that the background doesn't hide.
/// </summary>
public static class ThingSampler
{
    private const double NaturalShare = 0.25;

    /// <summary>Draws a scene of a split, for pictures that answer no request.</summary>
    /// <param name="dice">Where chance comes from.</param>
    /// <param name="split">The split: training, validation or test.</param>
    /// <param name="jitter">Whether things stand off the middle of their cells.</param>
    /// <returns>The scene.</returns>
    /// <exception cref="WorldException">No scene is of that split by its hash.</exception>
    public static ThingScene Draw(Dice dice, WorldSplit split, bool jitter = false)
    {
        ArgumentNullException.ThrowIfNull(dice);
        if (split == WorldSplit.Composition)
        {
            throw new WorldException("Scenes are of training, validation or test; composition is a matter of pairs.");
        }

        while (true)
        {
            ThingScene scene = Draw(dice);
            if (ThingSplits.Of(scene) == split)
            {
                return jitter ? Jitter(scene, dice) : scene;
            }
        }
    }

    /// <summary>Draws any scene.</summary>
    /// <param name="dice">Where chance comes from.</param>
    /// <returns>The scene.</returns>
    public static ThingScene Draw(Dice dice)
    {
        ArgumentNullException.ThrowIfNull(dice);
        ThingBackground background = dice.Pick(ThingCatalogue.Backgrounds.AsSpan());
        Cell[] cells = Cell.Shuffled(dice);
        PlacedThing[] things = new PlacedThing[dice.Between(1, ThingScene.MaxObjects)];
        for (int i = 0; i < things.Length; i++)
        {
            (Thing thing, ThingColour? colour) = DrawVisible(dice, background);
            things[i] = new PlacedThing(thing, colour, dice.Any<ThingSize>(), cells[i]);
        }

        return new ThingScene(background, things);
    }

    /// <summary>Moves each thing of a scene off the middle of its cell by chance.</summary>
    /// <param name="scene">The scene.</param>
    /// <param name="dice">Where chance comes from.</param>
    /// <returns>A scene of the same layout.</returns>
    public static ThingScene Jitter(ThingScene scene, Dice dice)
    {
        ArgumentNullException.ThrowIfNull(scene);
        ArgumentNullException.ThrowIfNull(dice);
        return new ThingScene(scene.Background, scene.Jittered(dice));
    }

    private static (Thing Thing, ThingColour? Colour) DrawVisible(Dice dice, ThingBackground background)
    {
        while (true)
        {
            Thing thing = dice.Pick(ThingCatalogue.Things.AsSpan());
            ThingColour? colour = dice.Chance(NaturalShare) ? null : dice.Pick(ThingCatalogue.Colours.AsSpan());
            if (!background.Hides(thing, colour))
            {
                return (thing, colour);
            }
        }
    }
}
