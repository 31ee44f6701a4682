using NexusGen.Worlds.Core;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Texts;

namespace NexusGen.Worlds.Tasks;

/// <summary>Finds words that mean one object of a scene and no other.</summary>
internal static class Reference
{
    /// <summary>A filter that fits one object alone.</summary>
    /// <param name="scene">The scene.</param>
    /// <param name="o">The object.</param>
    /// <param name="dice">Chooses between the filters that do.</param>
    /// <param name="without">Takes away what must not be said; nothing where null.</param>
    /// <returns>The filter; null where only what must not be said would tell it from others.</returns>
    public static ObjectFilter? To(Scene scene, SceneObject o, Dice dice, Func<ObjectFilter, ObjectFilter>? without = null)
    {
        ObjectFilter[] all =
        [
            new(o.Shape), new(o.Shape), new(o.Shape, o.Colour), new(o.Shape, o.Colour), new(o.Shape, o.Colour, o.Size),
            new(null, o.Colour),
            new(null, null, null, o.Cell), new(o.Shape, null, null, o.Cell), new(o.Shape, o.Colour, null, o.Cell),
            new(o.Shape, null, o.Size), new(null, o.Colour, o.Size),
        ];
        ObjectFilter[] fit =
        [
            .. all.Select(filter => without is null ? filter : without(filter))
                .Where(filter => filter != default && filter.CountIn(scene) == 1),
        ];
        return fit.Length == 0 ? null : dice.Pick<ObjectFilter>(fit);
    }
}
