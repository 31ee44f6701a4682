using NexusGen.Worlds.Things.Rendering;

namespace NexusGen.Worlds.Things.Judging;

/// <summary>
/// Finds the background of a picture: the one that differs least from it, where differences beyond a limit count as things.
/// A textured background is moved and blurred as it fits best, and its mean colour is made the picture's.
/// </summary>
internal static class GroundReader
{
    private const int Side = SmoothPicture.Side;
    private const int Area = SmoothPicture.Area;

    // A pixel farther from the background than this belongs to a thing; one nearer than the second has no part in any.
    private const float ThingDistance = 40;
    private const float NoiseDistance = 24;
    private const double LeastShare = 0.5;
    private const double GreatestCast = 25;

    private static readonly Lazy<SmoothPicture>[] Grounds = [.. ThingCatalogue.Backgrounds.Select(
        background => new Lazy<SmoothPicture>(() => new SmoothPicture(BackgroundPainter.Of(background))))];

    /// <summary>Reads the background.</summary>
    public static GroundReading Read(SmoothPicture picture)
    {
        ThingBackground nearest = ThingCatalogue.Backgrounds.MinBy(one => Error(picture, Grounds[one.Index].Value, 0, 0))!;
        SmoothPicture ground = Grounds[nearest.Index].Value;
        ground = nearest.Texture is null ? ground : Align(picture, ground);
        (double share, float[] cast) = FindCast(picture, ground);
        bool isLike = share >= LeastShare && Math.Sqrt(cast.Sum(value => value * value)) <= GreatestCast;
        ground = isLike ? ground.Plus(cast) : ground;
        SmoothPicture difference = picture.Minus(ground);
        return new GroundReading(nearest, isLike, ground, difference, NoiseOf(difference));
    }

    private static SmoothPicture Align(SmoothPicture picture, SmoothPicture ground)
    {
        (float X, float Y) best = (0, 0);
        foreach ((int reach, float step) in (ReadOnlySpan<(int, float)>)[(2, 0.5f), (1, 0.25f)])
        {
            (float X, float Y)[] around = [.. from y in Enumerable.Range(-reach, 2 * reach + 1)
                                              from x in Enumerable.Range(-reach, 2 * reach + 1)
                                              select (Limited(best.X + x * step), Limited(best.Y + y * step))];
            best = around.MinBy(shift => Error(picture, ground, shift.X, shift.Y));
        }

        SmoothPicture moved = ground.Moved(best.X, best.Y), soft = moved.Softer();
        SmoothPicture[] blurs = [moved, moved.Mixed(soft, 0.33f), moved.Mixed(soft, 0.67f), soft];
        return blurs.MinBy(one => Error(picture, one, 0, 0))!;
    }

    private static float Limited(float shift) => Math.Clamp(shift, -1, 1);

    // The mean of squared distances, none counted beyond the limit, over one pixel in eighteen.
    private static double Error(SmoothPicture picture, SmoothPicture ground, float shiftX, float shiftY)
    {
        const int stride = 6;
        int right = -Math.Sign(shiftX), down = -Math.Sign(shiftY) * Side;
        (float partX, float partY) = (Math.Abs(shiftX), Math.Abs(shiftY));
        float[] p = picture.Values, g = ground.Values;
        double sum = 0;
        for (int y = 1; y < Side - 1; y += 3)
        {
            for (int x = 1 + y / 3 % stride; x < Side - 1; x += stride)
            {
                float distance = 0;
                int at = y * Side + x;
                for (int channel = 0; channel < 3; channel++, at += Area)
                {
                    float near = g[at] + partX * (g[at + right] - g[at]);
                    float far = g[at + down] + partX * (g[at + down + right] - g[at + down]);
                    float difference = p[at] - near - partY * (far - near);
                    distance += difference * difference;
                }

                sum += Math.Min(distance, ThingDistance * ThingDistance);
            }
        }

        return sum;
    }

    // The share of the picture that is like the background, and its mean difference there.
    private static (double Share, float[] Cast) FindCast(SmoothPicture picture, SmoothPicture ground)
    {
        SmoothPicture difference = picture.Minus(ground);
        double[] sums = new double[3];
        int count = 0;
        for (int i = 0; i < Area; i++)
        {
            if (difference.SquareAt(i) < ThingDistance * ThingDistance)
            {
                count++;
                sums[0] += difference.Values[i];
                sums[1] += difference.Values[Area + i];
                sums[2] += difference.Values[2 * Area + i];
            }
        }

        return (count / (double)Area, [.. sums.Select(sum => (float)(sum / Math.Max(1, count)))]);
    }

    private static float NoiseOf(SmoothPicture difference)
    {
        double sum = 0;
        int count = 0;
        for (int i = 0; i < Area; i++)
        {
            float square = difference.SquareAt(i);
            if (square < NoiseDistance * NoiseDistance)
            {
                sum += square;
                count++;
            }
        }

        return (float)(sum / Math.Max(1, count));
    }
}
