using NexusGen.Worlds.Core;

namespace NexusGen.Worlds.Scenes;

/// <summary>Draws scenes by chance: any number of objects, every attribute and place alike.</summary>
public static class SceneSampler
{
    /// <summary>A scene of a part of the world.</summary>
    /// <param name="dice">Where chance comes from.</param>
    /// <param name="split">The part: training, validation or test.</param>
    /// <param name="jitter">Whether objects stand off the middle of their cells.</param>
    /// <returns>The scene.</returns>
    /// <exception cref="WorldException">No scene is of that part by its hash.</exception>
    public static Scene Draw(Dice dice, WorldSplit split, bool jitter = false)
    {
        ArgumentNullException.ThrowIfNull(dice);
        if (split == WorldSplit.Composition)
        {
            throw new WorldException("Scenes are of training, validation or test; composition is a matter of pairs.");
        }

        while (true)
        {
            Scene scene = Draw(dice);
            if (Splits.Of(scene) == split)
            {
                return jitter ? Jitter(scene, dice) : scene;
            }
        }
    }

    /// <summary>Any scene.</summary>
    /// <param name="dice">Where chance comes from.</param>
    /// <returns>The scene.</returns>
    public static Scene Draw(Dice dice)
    {
        ArgumentNullException.ThrowIfNull(dice);
        Cell[] cells = Cell.Shuffled(dice);
        SceneObject[] objects = new SceneObject[dice.Between(1, Scene.MaxObjects)];
        for (int i = 0; i < objects.Length; i++)
        {
            objects[i] = new SceneObject(dice.Any<Shape>(), dice.Any<Colour>(), dice.Any<ObjectSize>(), cells[i]);
        }

        return new Scene(dice.Any<Background>(), objects);
    }

    /// <summary>The same scene with each object moved off the middle of its cell by chance.</summary>
    /// <param name="scene">The scene.</param>
    /// <param name="dice">Where chance comes from.</param>
    /// <returns>A scene of the same layout.</returns>
    public static Scene Jitter(Scene scene, Dice dice)
    {
        ArgumentNullException.ThrowIfNull(scene);
        ArgumentNullException.ThrowIfNull(dice);
        return new Scene(scene.Background, scene.Jittered(dice));
    }
}
